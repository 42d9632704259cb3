// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A query to another node.
package struct KRPCQuery: Hashable, Sendable {
    /// The sender's id.
    package var sender: NodeID
    package var method: Method
    /// The families of the requested nodes (BEP 32, `want`); empty for that of the datagram.
    package var wants: [CompactForm] = []

    package init(from sender: NodeID, _ method: Method, wants: [CompactForm] = []) {
        self.sender = sender
        self.method = method
        self.wants = wants
    }

    package enum Method: Hashable, Sendable {
        case ping
        case findNode(NodeID)
        case getPeers(NodeID, skipsSeeds: Bool, scrapes: Bool)
        case announcePeer(PeerAnnouncement, token: [UInt8])
        case get(NodeID, newerThan: Int64?)
        case put(DHTItem, token: [UInt8], replacing: Int64?)
        case sampleInfoHashes(NodeID)
        /// An unknown method, with its target.
        case unknown(target: NodeID?)
        /// A known method with invalid arguments.
        case unfit(KRPCError)
    }
}

/// The arguments of `announce_peer` (BEP 5, BEP 33).
package struct PeerAnnouncement: Hashable, Sendable {
    package var infoHash: NodeID
    /// The peer's port; nil for the datagram's source port (`implied_port`).
    package var port: UInt16?
    package var isSeed: Bool

    package init(infoHash: NodeID, port: UInt16?, isSeed: Bool) {
        self.infoHash = infoHash
        self.port = port
        self.isSeed = isSeed
    }
}
