// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// A node of the DHT as it is now.
public struct DHTStatus: Hashable, Sendable {
    /// The ids of this node, one for each family it takes part in: IPv4, then IPv6.
    public var ids: [NodeID] = []
    /// Nodes in the routing tables, and how many of them answered within the last 15 minutes.
    public var nodeCount = 0
    /// Of those, the good ones (BEP 5).
    public var goodNodeCount = 0
    /// About how many nodes the network has; nil until a lookup has told. The IPv4 DHT, where there are both.
    public var estimatedNetworkSize: Int?
    /// Where other nodes see us, once enough of them agree.
    public var externalAddresses: [IPAddress] = []
    /// Messages received and sent since the node began.
    public var receivedCount = 0
    /// Messages sent.
    public var sentCount = 0
    /// Messages a second, received and sent, since the last status.
    public var messagesPerSecond = 0.0
    /// Searches under way.
    public var searchCount = 0
    /// What others have stored here: swarms, peers of them, and items.
    public var storedSwarmCount = 0
    /// Peers that announced here.
    public var storedPeerCount = 0
    /// Items that were put here.
    public var storedItemCount = 0

    /// The status of a node that has not begun.
    public init() {}

    init(_ core: DHTCore, at now: Instant) {
        ids = core.families.map(\.own)
        nodeCount = core.families.reduce(0) { $0 + $1.table.count }
        goodNodeCount = core.families.reduce(0) { $0 + $1.table.goodCount(at: now) }
        estimatedNetworkSize = core.families.lazy.compactMap(\.networkSize).first.map { Int(min($0, 1e12)) }
        externalAddresses = core.families.compactMap(\.externalAddress)
        receivedCount = core.receivedCount
        sentCount = core.sentCount
        searchCount = core.searches.count
        storedSwarmCount = core.families.reduce(0) { $0 + $1.peers.swarmCount }
        storedPeerCount = core.families.reduce(0) { $0 + $1.peers.peerCount }
        storedItemCount = core.families.reduce(0) { $0 + $1.items.count }
    }
}
