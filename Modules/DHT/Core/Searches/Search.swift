// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Names a search of this node.
struct SearchNumber: Hashable, Comparable, Sendable {
    let rawValue: UInt64

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// What a search is for.
enum SearchGoal: Sendable {
    /// Nodes near a point: keeps the table fresh.
    case nodes(near: NodeID)
    /// Peers of a swarm, and where `announcing` is given, a place among them.
    case peers(of: NodeID, scrapes: Bool, announcing: PeerAnnouncement?)
    /// An item, mutable or not.
    case item(at: NodeID, salt: [UInt8])
    /// Storing an item, mutable ones only over the version `replacing`, where that is given.
    case put(DHTItem, replacing: Int64?)
    /// Info-hashes that nodes near a point have peers of.
    case samples(near: NodeID)

    var target: NodeID {
        switch self {
        case .nodes(let target), .samples(let target): target
        case .peers(let infoHash, _, _): infoHash
        case .item(let target, _): target
        case .put(let item, _): item.target
        }
    }

    /// Whether an attacker gains from leading it astray: it follows separate paths.
    var isCareful: Bool {
        switch self {
        case .item, .put: true
        case .peers(_, _, let announcing): announcing != nil
        case .nodes, .samples: false
        }
    }

    /// What each node is asked.
    var method: KRPCQuery.Method {
        switch self {
        case .nodes(let target): .findNode(target)
        case .peers(let infoHash, let scrapes, _): .getPeers(infoHash, skipsSeeds: false, scrapes: scrapes)
        case .item(let target, _): .get(target, newerThan: nil)
        case .put(let item, _): .get(item.target, newerThan: nil)
        case .samples(let target): .sampleInfoHashes(target)
        }
    }
}

/// What a search found.
struct SearchResult: Sendable {
    /// Nodes that answered, and queries that were sent.
    var answeredCount = 0
    var queryCount = 0
    /// Nodes that stored what was written, and why others did not.
    var storedCount = 0
    var refusals: [KRPCError] = []
    /// The item, in its latest version.
    var item: DHTItem?
    var seedFilter = ScrapeFilter()
    var peerFilter = ScrapeFilter()
    /// Distinct info-hashes, and how many the nodes that answered have together.
    var samples: [NodeID] = []
    var sampledCount = 0
}

/// A search: a lookup in the DHT of each family, then perhaps writes.
struct Search: Sendable {
    let number: SearchNumber
    let goal: SearchGoal
    var lookups: [Lookup]
    var result = SearchResult()
    /// Peers that were found already, so that each is told of once.
    var peers = Set<PeerEndpoint>()
    /// Writes that are not answered; nil before the lookups have ended.
    var openWrites: Int?
}
