// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What a node asks of another.
package struct KRPCQuery: Hashable, Sendable {
    /// The sender's id.
    package var sender: NodeID
    package var method: Method
    /// The families of which nodes are wanted (BEP 32, `want`); empty for that of the datagram.
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
        /// A method that is not known, with what it is about.
        case unknown(target: NodeID?)
        /// A known method whose arguments make no sense.
        case unfit(KRPCError)
    }
}

/// What `announce_peer` says (BEP 5, BEP 33).
package struct PeerAnnouncement: Hashable, Sendable {
    package var infoHash: NodeID
    /// The port of the peer; nil for the one the datagram comes from (`implied_port`).
    package var port: UInt16?
    package var isSeed: Bool

    package init(infoHash: NodeID, port: UInt16?, isSeed: Bool) {
        self.infoHash = infoHash
        self.port = port
        self.isSeed = isSeed
    }
}
