// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheWire

/// What a node answers. Which of the fields are there depends on the query.
package struct KRPCResponse: Hashable, Sendable {
    /// The sender's id.
    package var sender: NodeID
    /// Nodes near the target, of both families (`nodes`, `nodes6`).
    package var nodes: [NodeContact] = []
    /// What a later `announce_peer` or `put` must show.
    package var token: [UInt8]?
    /// Peers of the swarm that was asked about (`values`).
    package var peers: [PeerEndpoint] = []
    /// The seeds and the other peers as Bloom filters (BEP 33, `BFsd` and `BFpe`).
    package var seedFilter: ScrapeFilter?
    package var peerFilter: ScrapeFilter?
    /// An item's value, as bencode (BEP 44, `v`).
    package var value: [UInt8]?
    /// Of a mutable item, whose value may be left out.
    package var key: Ed25519.PublicKey?
    package var signature: Ed25519.Signature?
    package var sequence: Int64?
    /// Info-hashes that the sender has peers of (BEP 51); nil where it does not know the method.
    package var samples: [NodeID]?
    /// How many info-hashes there are, and for how many seconds the samples stay the same.
    package var sampledCount: Int?
    package var sampleInterval: Int?

    package init(from sender: NodeID) { self.sender = sender }

    /// The item at `target`, if the response holds it and it is what it claims to be.
    func item(at target: NodeID, salt: [UInt8]) -> DHTItem? {
        guard let value else { return nil }
        var item = DHTItem(unchecked: value)
        if let key, let signature, let sequence {
            item.author = DHTItem.Author(key: key, salt: salt, sequence: sequence, signature: signature)
        }
        return item.target == target && item.isGenuine ? item : nil
    }
}
