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
        if let settled, let nodes {
            if settled.isLast, old.byteCount == settled.byteCount, old.root != settled.root {
                end(by: FeedContradiction(settled, old, .grewAfterEnd), in: &batch)
            } else if old.isLast, old.byteCount < settled.byteCount, old.isSigned(by: author) {
                end(by: FeedContradiction(old, settled, .grewAfterEnd), in: &batch)
            } else if let place = changedPlace(in: old, comparedWith: nodes),
                let claim = makeClaim(old, settled, place, known: nodes)
            {
                end(by: claim, in: &batch)
            }
        }
        note(old, at: peer, in: &batch)
        tell(peer, in: &batch)
    }

    /// The first peak of an old head, over whole pieces, that differs from the proven node there.
    private func changedPlace(in old: FeedHead, comparedWith nodes: FeedNodes) -> FeedPeak? {
        guard pieceCount(of: old) <= nodes.pieceCount else { return nil }
        return FeedPeak.all(pieceCount(of: old)).first { peak in
            guard let known = nodes[FeedNodes.Place(height: peak.layer, index: peak.index)] else { return false }
            return known != old.peaks[peak.number]
        }
    }

    private func makeClaim(
        _ old: FeedHead,
        _ new: FeedHead,
        _ peak: FeedPeak,
        known nodes: FeedNodes
    ) -> FeedContradiction? {
        let place = FeedNodes.Place(height: peak.layer, index: peak.index)
        guard let node = nodes[place], let top = FeedPeak.above(peak, in: nodes.pieceCount) else { return nil }
        let uncles = (place.height..<top.layer).compactMap { height in
            nodes[FeedNodes.Place(height: height, index: (place.index >> (height - place.height)) ^ 1)]
        }
        return FeedContradiction(
            old,
            new,
            .changedLeaves(peak: peak.number, node: node, uncles: uncles)
        )
    }

    /// Compares the peaks of a head with those of an older one whose pieces are all proven.
    func claim(against old: FeedHead?, before new: FeedHead) -> FeedContradiction? {
        guard let old else { return nil }
        let newPeaks = FeedPeak.all(pieceCount(of: new))
        for peak in FeedPeak.all(pieceCount(of: old)) {
            guard let same = newPeaks.first(where: { $0.layer == peak.layer && $0.index == peak.index }),
                old.peaks[peak.number] != new.peaks[same.number]
            else { continue }
            let claim = FeedContradiction.Claim.changedLeaves(
                peak: peak.number,
                node: new.peaks[same.number],
                uncles: []
            )
            return FeedContradiction(old, new, claim)
        }
        return nil
    }

    /// Compares the nodes that a peer has proven with the peaks of an older head.
    func claim(by proof: FeedProof, against old: FeedHead?, before new: FeedHead) -> FeedContradiction? {
        guard let old, old != new else { return nil }
        for peak in FeedPeak.all(pieceCount(of: old)) {
            let place = FeedNodes.Place(height: peak.layer, index: peak.index)
            guard let node = proof[place], node != old.peaks[peak.number],
                let top = FeedPeak.above(peak, in: pieceCount(of: new)),
                let uncles = proof.uncles(from: place, upTo: top.layer)
            else { continue }
            return FeedContradiction(old, new, .changedLeaves(peak: peak.number, node: node, uncles: uncles))
        }
        return nil
    }
}
