// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The blocks of nodes that a follower has asked peers for.
struct FeedAsks: Sendable {
    /// Blocks that are asked for at once.
    static let limit = 8
    /// How long a peer may take to answer.
    static let patience: Interval = .seconds(3)
    /// How long a peer that lacks a block, or does not answer, is not asked again.
    static let rest: Interval = .seconds(2)

    struct Ask: Sendable {
        let block: FeedBlock
        let peer: PeerHandle
        let deadline: Instant
    }

    private(set) var asks: [Ask] = []

    var hasRoom: Bool { asks.count < Self.limit }

    func contains(_ block: FeedBlock) -> Bool { asks.contains { $0.block.first == block.first } }

    mutating func add(_ block: FeedBlock, at peer: PeerHandle, at now: Instant) {
        asks.append(Ask(block: block, peer: peer, deadline: now + Self.patience))
    }

    /// Ends the ask for the block that begins with `first`. Returns false if `peer` was not asked for it.
    mutating func end(_ first: Int, at peer: PeerHandle) -> Bool {
        guard let index = asks.firstIndex(where: { $0.block.first == first && $0.peer == peer }) else { return false }
        asks.remove(at: index)
        return true
    }

    /// Ends the asks that are no longer needed.
    mutating func removeAll(where isNeedless: (FeedBlock) -> Bool) { asks.removeAll { isNeedless($0.block) } }

    /// Ends the asks that were not answered in time, and returns the peers that did not answer.
    mutating func expire(at now: Instant) -> [PeerHandle] {
        let late = asks.filter { $0.deadline <= now }.map(\.peer)
        asks.removeAll { $0.deadline <= now }
        return late
    }

    mutating func handleLeft(_ peer: PeerHandle) { asks.removeAll { $0.peer == peer } }
}
