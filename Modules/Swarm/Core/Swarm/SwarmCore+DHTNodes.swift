// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Peers tell each other the ports of their DHT nodes (BEP 5), so that a node finds its way into the DHT without a
/// server.
extension SwarmCore {
    /// Whether peers are told of our DHT node: not in a private torrent (BEP 27).
    var namesDHTNode: Bool { identity.dhtPort != 0 && content?.isPrivate != true }

    /// Tells a new peer the port of our DHT node, if it runs one too.
    func nameDHTNode(to peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard namesDHTNode, peer.capabilities.contains(.dht) else { return }
        peer.send(.port(identity.dhtPort), in: &batch)
    }

    /// Handles the port of a peer's DHT node. Each connection names one node; further ports are ignored.
    func handlePort(_ port: UInt16, of peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard namesDHTNode, port != 0, !peer.isWebSeed, !peer.hasNamedDHTNode else { return }
        peer.hasNamedDHTNode = true
        batch.add(.dhtNode(PeerEndpoint(address: peer.endpoint.address, port: port)))
    }
}
