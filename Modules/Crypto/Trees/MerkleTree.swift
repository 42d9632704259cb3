// SPDX-License-Identifier: Apache-2.0

/// The nodes of a BEP 52 tree from one layer up to the root: a file's piece layer and everything above it, the leaves
/// of one piece, or a whole small file.
///
/// It stores only nodes that cover data, about twice as many as the base layer has. Pads are computed once per process.
///
///     layer 2             root
///     layer 1      n0             n1
///     layer 0   l0    l1       l2    pad
package struct MerkleTree: Hashable, Sendable {
    /// The number of bytes covered by one leaf: a block (BEP 52).
    package static let leafByteCount = 16 * 1024

    /// The layer of `layers[0]`, counted from the leaves.
    package let baseLayer: Int
    /// From the base layer to the root, which is the only node of the last layer.
    private var layers: [[SHA256Digest]]

    /// Creates the tree over `base`, the nodes at `baseLayer` (counted from the leaves), with pads up to the next power
    /// of two.
    ///
    /// `height` is the layer of the root, counted from the leaves. Pass it to raise the root over more pads, as for the
    /// short last piece of a file. Nil for no nodes, a layer beyond `MerkleLimits`, or a height that is too low.
    package init?(base: [SHA256Digest], at baseLayer: Int = 0, height: Int? = nil) {
        guard !base.isEmpty, 0...MerkleLimits.maximumHeight ~= baseLayer else { return nil }
        let lowest = baseLayer + MerkleShape.height(covering: base.count)
        let height = height ?? lowest
        guard lowest <= height, height <= MerkleLimits.maximumHeight else { return nil }
        self.baseLayer = baseLayer
        layers = [base]
        layers.reserveCapacity(height - baseLayer + 1)
        var hasher = MerkleHasher()
        for layer in baseLayer..<height { layers.append(hasher.parents(of: layers[layer - baseLayer], at: layer)) }
    }

    /// The root's layer, counted from the leaves.
    package var height: Int { baseLayer + layers.count - 1 }

    /// The node above all others.
    package var root: SHA256Digest { layers[layers.count - 1][0] }

    /// Returns the nodes at `layer` that cover data; nil if this tree has no such layer.
    package func nodes(at layer: Int) -> [SHA256Digest]? {
        (baseLayer...height).contains(layer) ? layers[layer - baseLayer] : nil
    }

    /// Returns one node, or a pad where there is no data; nil outside the tree or below its base layer.
    package func node(at layer: Int, index: Int) -> SHA256Digest? {
        guard (baseLayer...height).contains(layer), index >= 0, index < 1 << (height - layer) else { return nil }
        let nodes = layers[layer - baseLayer]
        return index < nodes.count ? nodes[index] : Self.padRoot(height: layer)
    }
}

extension MerkleTree {
    /// Returns the node `height` layers above pad leaves only.
    ///
    /// `height` must be at most `MerkleLimits.maximumHeight`.
    package static func padRoot(height: Int) -> SHA256Digest { padRoots[height] }

    private static let padRoots: [SHA256Digest] = {
        var hasher = MerkleHasher()
        var roots = [SHA256Digest()]
        for height in 0..<MerkleLimits.maximumHeight { roots.append(hasher.combine(roots[height], roots[height])) }
        return roots
    }()
}
