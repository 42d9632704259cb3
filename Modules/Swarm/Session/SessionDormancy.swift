// SPDX-License-Identifier: Apache-2.0

internal import RucheTrackers
internal import RucheWire

/// A session's dormant torrents: what announces them, which sources they stay members of, and which others are awake.
///
/// Owner: the session. It knows torrents by their numbers.
final class SessionDormancy: Sendable {
    let announcer: DormantAnnouncer
    let sources = DormantSources()
    private let awake: Locked<AwakeLedger>
    /// Makes a torrent dormant although peers are connected. Returns false if it stays awake.
    let makeRoom: @Sendable (Int) async -> Bool

    init(_ announcer: DormantAnnouncer, awakeLimit: Int, makeRoom: @escaping @Sendable (Int) async -> Bool) {
        self.announcer = announcer
        self.makeRoom = makeRoom
        awake = Locked(AwakeLedger(limit: awakeLimit))
    }

    /// Whether strangers may wake another torrent, and none has to make room. The user may wake any number.
    var hasRoom: Bool { awake.withLock { $0.hasRoom } }

    /// Answers a stranger that asks for a dormant torrent.
    func admit(_ number: Int, for waker: AddressGroup) -> AwakeLedger.Answer {
        awake.withLock { $0.admit(number, for: waker, at: .now) }
    }

    /// Handles a torrent that wakes and manages its sources itself from now on. Returns their progress so far.
    func handleWaking(of number: Int) -> RestingSources {
        awake.withLock { $0.handleWaking(number, at: .now) }
        return RestingSources(schedule: announcer.remove(number), joined: sources.take(number))
    }

    /// Handles the tick of a torrent that is awake.
    func note(_ number: Int, byteCount: Int, mayYield: Bool) {
        awake.withLock { $0.note(number, byteCount: byteCount, mayYield: mayYield, at: .now) }
    }

    /// Handles a torrent that has become dormant, has left the session, or did not wake.
    func handleAsleep(_ number: Int) { awake.withLock { $0.handleAsleep(number) } }

    /// Announces the dormant torrent no longer, and leaves its sources.
    func release(_ number: Int) {
        _ = announcer.remove(number)
        sources.take(number).leave()
    }
}
