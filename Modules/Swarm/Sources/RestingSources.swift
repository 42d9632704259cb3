// SPDX-License-Identifier: Apache-2.0

internal import RucheTrackers
internal import RucheWire

/// What a torrent passes to its session when it becomes dormant, and gets back when it wakes.
struct RestingSources: Sendable {
    /// The state of its announces; nil if it was not announced.
    var schedule: RestingSchedule?
    /// The sources that it remains a member of.
    var joined = JoinedSources()
}

/// The sources that a session's dormant torrents remain members of.
final class DormantSources: Sendable {
    private let sources = Locked([Int: JoinedSources]())

    /// Keeps the sources of torrent `number`; `join` adds those that it has not joined yet.
    func keep(_ joined: JoinedSources, of number: Int, join: (inout JoinedSources) -> Void) {
        sources.withLock { sources in
            var kept = sources[number] ?? joined
            join(&kept)
            if !kept.isEmpty { sources[number] = kept }
        }
    }

    /// Removes and returns the sources of a torrent that wakes or leaves.
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
