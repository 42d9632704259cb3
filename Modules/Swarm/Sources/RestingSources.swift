// SPDX-License-Identifier: Apache-2.0

internal import RucheTrackers
internal import Synchronization

/// What a torrent hands over to its session when it falls dormant, and gets back when it wakes.
struct RestingSources: Sendable {
    /// How far it had been announced to its trackers; nil: not at all.
    var schedule: RestingSchedule?
    /// Sources that it stays a member of.
    var joined = JoinedSources()
}

/// The sources that a session's dormant torrents stay members of.
final class DormantSources: Sendable {
    private let sources = Mutex([Int: JoinedSources]())

    /// Keeps what the torrent of this number has joined; `join` lets it join what it has not.
    func keep(_ joined: JoinedSources, of number: Int, join: (inout JoinedSources) -> Void) {
        sources.withLock { sources in
            var kept = sources[number] ?? joined
            join(&kept)
            if !kept.isEmpty { sources[number] = kept }
        }
    }

    /// The torrent wakes, or has gone.
    func take(_ number: Int) -> JoinedSources {
        sources.withLock { $0.removeValue(forKey: number) } ?? JoinedSources()
    }

    func takeAll() -> [JoinedSources] {
        sources.withLock { sources in
            defer { sources = [:] }
            return sources.keys.sorted().compactMap { sources[$0] }
        }
    }
}
