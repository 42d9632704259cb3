// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The torrents that are awake, and which of them makes room for a stranger that asks for a dormant one.
///
/// While there is room, nobody is refused. After that a torrent that has exchanged nothing for a while gives up its place;
/// if there is none, one of the address that woke the most torrents, if it has more than its share. So idle connections,
/// by which anyone can keep a torrent awake, lock nobody out.
///
/// Owner: `SessionDormancy`. It knows torrents by their numbers.
package struct AwakeLedger: Sendable {
    /// What a stranger is told.
    package enum Answer: Hashable, Sendable {
        case wake
        /// The torrent may wake once this one has become dormant.
        case wakeAfter(Int)
        case refuse
    }

    private struct Entry {
        var waker: AddressGroup?
        /// When it last sent or received any block, or was woken.
        var usedAt: Instant
        var byteCount = 0
        /// Whether it may become dormant although peers are connected. Known from its first tick on.
        var mayYield = false
    }

    /// How long a torrent may exchange nothing before its place is given to another.
    package static let uselessAfter: Interval = .seconds(10)

    private var entries: [Int: Entry] = [:]
    private let limit: Int

    /// Creates a ledger for at most `limit` torrents. The user may wake any number.
    package init(limit: Int) { self.limit = limit }

    /// Whether strangers may wake another torrent, and none has to make room.
    package var hasRoom: Bool { entries.count < limit }

    /// Answers a stranger that asks for a dormant torrent. Unless it is refused, the torrent counts as awake.
    package mutating func admit(_ number: Int, for waker: AddressGroup, at now: Instant) -> Answer {
        if entries[number] != nil { return .wake }
        guard !hasRoom else {
            entries[number] = Entry(waker: waker, usedAt: now)
            return .wake
        }
        guard let victim = uselessTorrent(at: now) ?? torrentOfGreediest(against: waker) else { return .refuse }
        entries[victim] = nil
        entries[number] = Entry(waker: waker, usedAt: now)
        return .wakeAfter(victim)
    }

    /// Records a torrent that wakes.
    package mutating func handleWaking(_ number: Int, at now: Instant) {
        if entries[number] == nil { entries[number] = Entry(usedAt: now) }
    }

    /// Records how many bytes a torrent that is awake has exchanged so far, and whether it may make room.
    package mutating func note(_ number: Int, byteCount: Int, mayYield: Bool, at now: Instant) {
        var entry = entries[number] ?? Entry(usedAt: now)
        if byteCount != entry.byteCount { entry.usedAt = now }
        entry.byteCount = byteCount
        entry.mayYield = mayYield
        entries[number] = entry
    }

    /// Records a torrent that has become dormant, has left its session, or did not wake.
    package mutating func handleAsleep(_ number: Int) { entries[number] = nil }

    private func uselessTorrent(at now: Instant) -> Int? {
        longestUnused { now - $0.usedAt >= Self.uselessAfter }
    }

    private func torrentOfGreediest(against waker: AddressGroup) -> Int? {
        let shares = AddressShares(of: entries.values.lazy.compactMap(\.waker))
        guard let excessive = shares.excessive(besides: waker) else { return nil }
        return longestUnused { entry in entry.waker.map { shares[$0] == excessive } ?? false }
    }

    private func longestUnused(where isChoice: (Entry) -> Bool) -> Int? {
        entries.filter { $0.value.mayYield && isChoice($0.value) }
            .min { ($0.value.usedAt, $0.key) < ($1.value.usedAt, $1.key) }?.key
    }
}
