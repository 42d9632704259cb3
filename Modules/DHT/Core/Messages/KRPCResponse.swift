// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheWire

/// A response to a query. The query determines which fields are present.
package struct KRPCResponse: Hashable, Sendable {
    /// The sender's id.
    package var sender: NodeID
    /// Nodes near the target, of both families (`nodes`, `nodes6`).
    package var nodes: [NodeContact] = []
    /// The token that a later `announce_peer` or `put` must return.
    package var token: [UInt8]?
    /// Peers of the requested swarm (`values`).
    package var peers: [PeerEndpoint] = []
    /// The seeds and the other peers as Bloom filters (BEP 33, `BFsd` and `BFpe`).
    package var seedFilter: ScrapeFilter?
    package var peerFilter: ScrapeFilter?
    /// An item's value, as bencode (BEP 44, `v`).
    package var value: [UInt8]?
    /// The author of a mutable item, whose value may be omitted.
    package var key: Ed25519.PublicKey?
    package var signature: Ed25519.Signature?
    package var sequence: Int64?
    /// Info-hashes of which the sender has peers (BEP 51); nil if it does not know the method.
    package var samples: [NodeID]?
    /// The total number of info-hashes, and the seconds for which the samples stay the same.
    package var sampledCount: Int?
    package var sampleInterval: Int?

    package init(from sender: NodeID) { self.sender = sender }

    /// Returns the item at `target`, if the response contains it and it is valid.
    func item(at target: NodeID, salt: [UInt8]) -> DHTItem? {
        guard let value else { return nil }
        var item = DHTItem(unchecked: value)
        if let key, let signature, let sequence {
            item.author = DHTItem.Author(key: key, salt: salt, sequence: sequence, signature: signature)
        }
        return item.target == target && item.isGenuine ? item : nil
    }
}
