// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Identifies a search of this node.
struct SearchNumber: Hashable, Comparable, Sendable {
    let rawValue: UInt64

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// The purpose of a search.
enum SearchGoal: Sendable {
    /// Find nodes near a point: keeps the table fresh.
    case nodes(near: NodeID)
    /// Find peers of a swarm, and announce ourselves if `announcing` is given.
    case peers(of: NodeID, scrapes: Bool, announcing: PeerAnnouncement?)
    /// Find an item, mutable or not.
    case item(at: NodeID, salt: [UInt8])
    /// Store an item; if `replacing` is given, a mutable one only over that version.
    case put(DHTItem, replacing: Int64?)
    /// Find info-hashes of which nodes near a point have peers.
    case samples(near: NodeID)

    var target: NodeID {
        switch self {
        case .nodes(let target), .samples(let target): target
        case .peers(let infoHash, _, _): infoHash
        case .item(let target, _): target
        case .put(let item, _): item.target
        }
    }

    /// Whether an attacker would gain by misleading it, so it follows separate paths.
    var isCareful: Bool {
        switch self {
        case .item, .put: true
        case .peers(_, _, let announcing): announcing != nil
        case .nodes, .samples: false
        }
    }

    /// Whether it ends with writes.
    var isWrite: Bool {
        switch self {
        case .put, .peers(_, _, .some): true
        default: false
        }
    }

    /// The query that each node is sent.
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

/// The result of a search.
struct SearchResult: Sendable {
    /// The numbers of nodes that answered, and of queries sent.
    var answeredCount = 0
    var queryCount = 0
    /// The number of nodes that stored what was written, and why others refused.
    var storedCount = 0
    var refusals: [KRPCError] = []
    /// The latest version of the item.
    var item: DHTItem?
    var seedFilter = ScrapeFilter()
    var peerFilter = ScrapeFilter()
    /// Distinct info-hashes, and the total that the responding nodes have.
    var samples: [NodeID] = []
    var sampledCount = 0
}

/// A search: a lookup in the DHT of each family, possibly followed by writes.
struct Search: Sendable {
    let number: SearchNumber
    let goal: SearchGoal
    var lookups: [Lookup]
    var result = SearchResult()
    /// Peers that were found already, so each is reported once.
    var peers = Set<PeerEndpoint>()
    /// The number of unanswered writes; nil before the lookups have ended.
    var openWrites: Int?
}
