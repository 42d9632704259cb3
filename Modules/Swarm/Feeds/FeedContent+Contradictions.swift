// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// Authors who sign what cannot both be true.
extension FeedContent {
    /// Ends the feed if `proof` holds, and shows it to everyone.
    mutating func end(by proof: FeedContradiction, in batch: inout ExtensionBatch<Self>) {
        guard contradiction == nil, proof.isProven(against: author) else { return }
        contradiction = proof
        writer = nil
        batch.report(.contradicted(proof))
        for peer in batch.peers { tell(peer, in: &batch) }
    }

    /// Handles a proof by a peer.
    mutating func handle(_ proof: FeedContradiction, by peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        guard contradiction == nil else {
            batch[peer]?.knowsEnd = true
            return
        }
        guard proof.isProven(against: author) else { return batch.misbehaved(peer) }
        batch[peer]?.knowsEnd = true
        end(by: proof, in: &batch)
    }

    /// Compares a head that is not news with what is proven: an author may have shown different feeds to different peers.
    mutating func handleOld(_ old: FeedHead, by peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        if let settled, let nodes, let found = contradiction(between: old, and: settled, node: { nodes[$0] }) {
            end(by: found, in: &batch)
        }
        note(old, at: peer, in: &batch)
        tell(peer, in: &batch)
    }

    /// Finds a contradiction between two heads, one of which is no longer than the other. `node` returns what is known of
    /// the later one's tree from the pieces up.
    func contradiction(
        between earlier: FeedHead,
        and later: FeedHead,
        node: (FeedNodes.Place) -> SHA256Digest?
    ) -> FeedContradiction? {
        // At the same length, either of them may be the one that claims to be the last.
        let reversed = FeedContradiction(later, earlier, .grewAfterEnd)
        if reversed.isProven(against: author) { return reversed }
        return FeedContradiction(earlier, later) { layer, index in
            layer < self.layer ? nil : node(FeedNodes.Place(height: layer - self.layer, index: index))
        }
    }
}
