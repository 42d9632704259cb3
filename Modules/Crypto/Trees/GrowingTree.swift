// SPDX-License-Identifier: Apache-2.0

/// A BEP 52 tree that grows at its right end: the tree of a feed.
///
/// It keeps every node below which all leaves are there, because these never change again. The others, one in each
/// layer at most, are computed with pads when they are needed. At any length it is the tree that `MerkleTree` makes from
/// the same leaves, so a feed that has ended is a file with nothing to hash again.
///
///     layer 2               (n2)
///     layer 1        n0            (n1)       in parentheses: computed
///     layer 0    l0      l1     l2    (pad)   peaks: n0, l2
///
/// A node costs 32 bytes: two per leaf, or 4 MiB for 1 GiB of content. Appending costs one hash per leaf, amortised.
package struct GrowingTree: Hashable, Sendable {
    /// The nodes of each layer below which all leaves are there.
    private var layers: [[SHA256Digest]] = [[]]

    /// Creates a tree without leaves.
    package init() {}

    /// The number of leaves.
    package var leafCount: Int { layers[0].count }

    /// Appends leaves. Returns false, and appends nothing, if the tree would exceed `MerkleLimits.maximumLeafCount`.
    package mutating func append(_ leaves: [SHA256Digest]) -> Bool {
        guard leaves.count <= MerkleLimits.maximumLeafCount - leafCount else { return false }
        layers[0] += leaves
        var hasher = MerkleHasher()
        var layer = 0
        while layers[layer].count > 1 {
            if layer + 1 == layers.count { layers.append([]) }
            let first = layers[layer + 1].count
            let end = layers[layer].count / 2
            if first < end {
                let children = Array(layers[layer][(2 * first)..<(2 * end)])
                layers[layer + 1] += hasher.parents(of: children, at: layer)
            }
            layer += 1
        }
        return true
    }

    /// The roots of the complete trees that the leaves form, the largest first: one for each one in the binary form of
    /// `leafCount`. They determine the root, and every tree that this one can grow to.
    package var peaks: [SHA256Digest] {
        layers.indices.reversed().compactMap { layer in
            // An odd node has no parent yet.
            layers[layer].count.isMultiple(of: 2) ? nil : layers[layer].last
        }
    }

    /// The root; nil without leaves.
    package var root: SHA256Digest? { Self.root(ofPeaks: peaks, leafCount: leafCount) }

    /// The shape; nil without leaves.
    package var shape: MerkleShape? { MerkleShape(leafCount: leafCount) }

    /// Returns a node that covers data; nil if there is none at this place.
    package func node(at layer: Int, index: Int) -> SHA256Digest? {
        guard let shape, index >= 0, index < shape.count(at: layer) else { return nil }
        if layers.indices.contains(layer), index < layers[layer].count { return layers[layer][index] }
        // It is the last of its layer, and lacks leaves; so it is no leaf.
        guard let left = node(at: layer - 1, index: 2 * index) else { return nil }
        let right = node(at: layer - 1, index: 2 * index + 1) ?? MerkleTree.padRoot(height: layer - 1)
        var hasher = MerkleHasher()
        return hasher.combine(left, right)
    }

    /// Returns the nodes of a layer that cover data: the piece layer of a file with pieces of `1 << layer` leaves. Empty
    /// if there is no such layer.
    package func nodes(at layer: Int) -> [SHA256Digest] {
        let count = shape?.count(at: layer) ?? 0
        let kept = layers.indices.contains(layer) ? layers[layer] : []
        return kept + (kept.count..<max(kept.count, count)).compactMap { node(at: layer, index: $0) }
    }

    /// Returns the answer to `range`: hashes and their proof.
    ///
    /// - Throws: `MerkleError` if the range is not valid in this tree.
    package func makeHashes(for range: MerkleRange) throws(MerkleError) -> [SHA256Digest] {
        guard let shape else {
            throw .beyondLayer(index: range.index, length: range.length, width: 0)
        }
        return try range.makeHashes(in: shape) { node(at: $0, index: $1) }
    }
}

extension GrowingTree {
    /// Returns the root of a tree of `leafCount` leaves with these peaks. Nil for no leaves, or another number of peaks
    /// than such a tree has.
    package static func root(ofPeaks peaks: [SHA256Digest], leafCount: Int) -> SHA256Digest? {
        guard let shape = MerkleShape(leafCount: leafCount), peaks.count == leafCount.nonzeroBitCount else {
            return nil
        }
        guard peaks.count > 1 else { return peaks.first }
        var hasher = MerkleHasher()
        var rest = peaks[...]
        // The last node of each layer, from where leaves are lacking.
        var last: SHA256Digest?
        for layer in 0..<shape.height {
            let pad = MerkleTree.padRoot(height: layer)
            if leafCount >> layer & 1 == 1, let peak = rest.popLast() {
                last = hasher.combine(peak, last ?? pad)
            } else if let node = last {
                last = hasher.combine(node, pad)
            }
        }
        return last
    }

    /// Returns the peaks after one more leaf. Nil for another number of peaks than a tree of `leafCount` leaves has, or if
    /// there is no room.
    package static func peaks(
        _ peaks: [SHA256Digest],
        leafCount: Int,
        adding leaf: SHA256Digest
    ) -> [SHA256Digest]? {
        guard (0..<MerkleLimits.maximumLeafCount).contains(leafCount), peaks.count == leafCount.nonzeroBitCount else {
            return nil
        }
        var hasher = MerkleHasher()
        var peaks = peaks
        var node = leaf
        for _ in 0..<leafCount.trailingOnes {
            if let peak = peaks.popLast() { node = hasher.combine(peak, node) }
        }
        return peaks + [node]
    }
}

extension Int {
    fileprivate var trailingOnes: Int { (~self).trailingZeroBitCount }
}
