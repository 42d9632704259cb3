// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto

/// Proof that an author signed two heads that cannot both be true, which ends a feed for everyone who sees it.
///
/// Anyone who knows the author's key can check it, without the feed's bytes.
package struct FeedContradiction: Hashable, Sendable {
    /// What the heads disagree about.
    package enum Claim: Hashable, Sendable {
        /// The later head has another node where the earlier one has this peak. `node` with `uncles`, lowest first,
        /// leads to a peak of the later head.
        case changedLeaves(peak: Int, node: SHA256Digest, uncles: [SHA256Digest])
        /// The earlier head is the last one, and the later one goes on, or ends differently at the same length.
        case grewAfterEnd
    }

    /// The head with fewer complete leaves, or as many.
    package let earlier: FeedHead
    package let later: FeedHead
    package let claim: Claim

    package init(_ earlier: FeedHead, _ later: FeedHead, _ claim: Claim) {
        self.earlier = earlier
        self.later = later
        self.claim = claim
    }

    /// Finds one between two heads by the same author, with a tree of the later one's complete leaves. Nil if the heads
    /// agree, or the tree is not the later head's.
    package init?(_ earlier: FeedHead, _ later: FeedHead, in tree: GrowingTree) {
        let isLaters = tree.peaks == later.peaks && tree.leafCount == later.completeLeafCount
        self.init(earlier, later) { isLaters ? tree.node(at: $0, index: $1) : nil }
    }

    /// Finds one between two heads by the same author. `node` returns a node of the later head's tree, or nil for one that
    /// is not known. Nil if the heads agree as far as that shows.
    package init?(_ earlier: FeedHead, _ later: FeedHead, node: (_ layer: Int, _ index: Int) -> SHA256Digest?) {
        self.init(earlier, later, .grewAfterEnd)
        if isTrue { return }
        for (peak, signed) in zip(FeedPeak.all(earlier.completeLeafCount), earlier.peaks) {
            guard let found = node(peak.layer, peak.index), found != signed,
                let top = FeedPeak.above(peak, in: later.completeLeafCount)
            else { continue }
            let uncles = (peak.layer..<top.layer).compactMap { node($0, (peak.index >> ($0 - peak.layer)) ^ 1) }
            guard uncles.count == top.layer - peak.layer else { continue }
            self.init(earlier, later, .changedLeaves(peak: peak.number, node: found, uncles: uncles))
            return
        }
        return nil
    }

    /// Whether `author` signed both heads, and they contradict each other as claimed.
    package func isProven(against author: Ed25519.PublicKey) -> Bool {
        isTrue && earlier.isSigned(by: author) && later.isSigned(by: author)
    }

    private var isTrue: Bool {
        switch claim {
        case .grewAfterEnd:
            earlier.isLast
                && (later.byteCount > earlier.byteCount
                    || later.byteCount == earlier.byteCount && later.root != earlier.root)
        case .changedLeaves(let number, let node, let uncles): leads(node, uncles, from: number)
        }
    }

    private func leads(_ node: SHA256Digest, _ uncles: [SHA256Digest], from number: Int) -> Bool {
        let places = FeedPeak.all(earlier.completeLeafCount)
        guard places.indices.contains(number), earlier.peaks.indices.contains(number), earlier.peaks[number] != node,
            let top = FeedPeak.above(places[number], in: later.completeLeafCount),
            uncles.count == top.layer - places[number].layer, later.peaks.indices.contains(top.number)
        else { return false }
        var hasher = MerkleHasher()
        var node = node
        for (level, uncle) in uncles.enumerated() {
            let isRight = places[number].index >> level & 1 == 1
            node = isRight ? hasher.combine(uncle, node) : hasher.combine(node, uncle)
        }
        return node == later.peaks[top.number]
    }
}
