// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// The current status of a DHT node.
public struct DHTStatus: Hashable, Sendable {
    /// The ids of this node, one for each of its families: IPv4, then IPv6.
    public var ids: [NodeID] = []
    /// The number of nodes in the routing tables.
    public var nodeCount = 0
    /// Of those, the good nodes (BEP 5).
    public var goodNodeCount = 0
    /// The estimated number of nodes in the network; nil until a lookup has measured it. If there are both, that of the
    /// IPv4 DHT.
    public var estimatedNetworkSize: Int?
    /// Our addresses as other nodes see them, once enough agree.
    public var externalAddresses: [IPAddress] = []
    /// The number of messages received since the node started.
    public var receivedCount = 0
    /// The number of messages sent since the node started.
    public var sentCount = 0
    /// Messages per second, received and sent, since the last status.
    public var messagesPerSecond = 0.0
    /// The number of running searches.
    public var searchCount = 0
    /// The number of swarms with peers that others stored here.
    public var storedSwarmCount = 0
    /// The number of peers that announced here.
    public var storedPeerCount = 0
    /// The number of items that were put here.
    public var storedItemCount = 0

    /// Creates the status of a node that has not started.
    package init() {}

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
