// SPDX-License-Identifier: Apache-2.0

internal import RucheTrackers
internal import Synchronization

/// A session's dormant torrents: what announces them, which sources they stay members of, and how many others are awake.
///
/// Owner: the session. It knows torrents by their numbers.
final class SessionDormancy: Sendable {
    let announcer: DormantAnnouncer
    let sources = DormantSources()
    /// Torrents that are more than a record.
    private let awakeCount = Atomic<Int>(0)
    private let awakeLimit: Int

    init(_ announcer: DormantAnnouncer, awakeLimit: Int) {
        self.announcer = announcer
        self.awakeLimit = awakeLimit
    }

    /// Whether strangers may wake another torrent. The user may wake any number.
    var hasRoom: Bool { awakeCount.load(ordering: .relaxed) < awakeLimit }

    /// Handles a torrent that wakes and manages its sources itself from now on. Returns their progress so far.
    func handleWaking(of number: Int) -> RestingSources {
        awakeCount.wrappingAdd(1, ordering: .relaxed)
        return RestingSources(schedule: announcer.remove(number), joined: sources.take(number))
    }

    /// A torrent that was awake has fallen dormant, or has left the session.
    func handleAsleep() { awakeCount.wrappingSubtract(1, ordering: .relaxed) }

    /// Announces the dormant torrent no longer, and leaves its sources.
    func release(_ number: Int) {
        _ = announcer.remove(number)
        sources.take(number).leave()
    }
}
