// SPDX-License-Identifier: Apache-2.0

internal import HeapModule
internal import RucheCrypto
internal import RucheDHT
internal import RucheTransport
internal import RucheWire

/// The DHT as a source of peers (BEP 5), for every public torrent of a session.
///
/// A torrent is searched for and announced when it joins, then every quarter of an hour; while it needs peers, after 4,
/// 8, 16, … seconds, up to a minute. A few searches run at once, in the order in which they are due: a round of ten
/// thousand torrents takes longer than a round of ten, at the same bandwidth.
final class DHTSource: PeerSource {
    let traits = SourceTraits(origin: .distributedHashTable, outlivesDormancy: true)

    private static let searchesAtOnce = 8
    /// Time between two searches for a torrent. Nodes forget an announce after half an hour.
    private static let interval = Interval.minutes(15)
    /// Time until a torrent that needs peers is searched for again; doubles up to `neededInterval`. A swarm that has
    /// just begun announces itself in these seconds.
    private static let firstInterval = Interval.seconds(4)
    /// Time between two searches for a torrent that still needs peers.
    private static let neededInterval = Interval.minutes(1)
    /// Time between two checks for members that are due.
    private static let tick = Interval.seconds(1)

    private struct State {
        /// Members by due time. Entries of members that have left or been rescheduled are skipped.
        var queue = Heap<Turn>()
        var count: UInt64 = 0
        var searches: [UInt64: Task<Void, Never>] = [:]
        var ticking: Task<Void, Never>?
        var isClosed = false
    }

    private struct Turn: Comparable {
        let due: Instant
        /// Breaks ties: first come, first served.
        let number: UInt64
        let member: Membership

        static func < (one: Turn, other: Turn) -> Bool { (one.due, one.number) < (other.due, other.number) }
        static func == (one: Turn, other: Turn) -> Bool { one.number == other.number }
    }

    private let node: DHTNode
    private let state = Locked(State())

    /// How soon after its `count`th search a torrent that needs peers is searched for again.
    static func pause(after count: UInt64) -> Interval {
        min(firstInterval * (1 << Int64(min(max(count, 1), 10) - 1)), neededInterval)
    }

    init(_ node: DHTNode) {
        self.node = node
        state.withLock { state in
            state.ticking = Task { [weak self] in
                while !Task.isCancelled {
                    self?.startSearches(at: .now)
                    try? await Task.sleep(nanoseconds: UInt64(Self.tick.nanoseconds))
                }
            }
        }
    }

    func join(
        _ swarm: SourceContext,
        found: @escaping @Sendable ([PeerEndpoint]) -> Void
    ) -> any SourceMembership {
        let member = Membership(self, swarm, found)
        enqueue(member, at: .now)
        return member
    }

    /// Ends all searches.
    func close() {
        let tasks = state.withLock { state in
            state.isClosed = true
            defer { (state.queue, state.searches, state.ticking) = (Heap(), [:], nil) }
            return state.searches.values + [state.ticking].compactMap { $0 }
        }
        for task in tasks { task.cancel() }
    }

    private func enqueue(_ member: Membership, at due: Instant) {
        guard member.schedule(due) else { return }
        state.withLock { state in
            guard !state.isClosed else { return }
            state.count += 1
            state.queue.insert(Turn(due: due, number: state.count, member: member))
        }
    }

    private func startSearches(at now: Instant) {
        state.withLock { state in
            while !state.isClosed, state.searches.count < Self.searchesAtOnce, let next = state.queue.min,
                next.due <= now
            {
                let turn = state.queue.removeMin()
                guard turn.member.begin(turn.due) else { continue }
                // The lock is held, so a search that ends at once waits before it removes itself from the list.
                state.searches[turn.number] = Task { await self.search(turn) }
            }
        }
    }

    private func search(_ turn: Turn) async {
        let member = turn.member
        for hash in member.hashes where !Task.isCancelled && !member.hasLeft {
            // A search may fail, for example because no node answers; the next one tries again.
            do {
                for try await peers in node.findPeers(of: hash, announcing: member.announcement) { member.found(peers) }
            } catch {}
        }
        state.withLock { $0.searches[turn.number] = nil }
        enqueue(member, at: .now + Self.interval)
    }

    /// One torrent's membership.
    private final class Membership: SourceMembership {
        private struct State {
            var due: Instant?
            var lastBegun: Instant?
            var begunCount: UInt64 = 0
            var isSeed: Bool
            var hasLeft = false
        }

        let hashes: [SHA1Digest]
        let found: @Sendable ([PeerEndpoint]) -> Void
        private let source: DHTSource
        private let port: UInt16
        private let state: Locked<State>

        init(
            _ source: DHTSource,
            _ swarm: SourceContext,
            _ found: @escaping @Sendable ([PeerEndpoint]) -> Void
        ) {
            self.source = source
            self.found = found
            hashes = swarm.hashes.wireHashes
            port = swarm.listenPort
            state = Locked(State(isSeed: swarm.isComplete))
        }

        var hasLeft: Bool { state.withLock(\.hasLeft) }

        /// Nil if nobody can connect to us.
        var announcement: DHTAnnouncement? {
            port == 0 ? nil : DHTAnnouncement(port: port, isSeed: state.withLock(\.isSeed))
        }

        /// Schedules the next search. Returns false if the member has left, or is due sooner.
        func schedule(_ due: Instant) -> Bool {
            state.withLock { state in
                guard !state.hasLeft, state.due.map({ due < $0 }) ?? true else { return false }
                state.due = due
                return true
            }
        }

        /// Starts a turn. Returns false if the member has left or was rescheduled.
        func begin(_ due: Instant) -> Bool {
            state.withLock { state in
                guard !state.hasLeft, state.due == due else { return false }
                (state.due, state.lastBegun) = (nil, due)
                state.begunCount += 1
                return true
            }
        }

        func note(_ change: SwarmChange) {
            switch change {
            case .needsPeers:
                let due = state.withLock { state in
                    state.due == nil ? nil : state.lastBegun.map { $0 + DHTSource.pause(after: state.begunCount) }
                }
                if let due { source.enqueue(self, at: due) }
            case .completed: state.withLock { $0.isSeed = true }
            case .dormant, .woke: break
            }
        }

        func leave(then: @escaping @Sendable () -> Void) {
            state.withLock { $0.hasLeft = true }
            then()
        }
    }
}
