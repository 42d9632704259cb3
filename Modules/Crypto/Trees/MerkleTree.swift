// SPDX-License-Identifier: Apache-2.0

/// The nodes of a BEP 52 tree from one layer up to the root: a file's piece layer and all above, or the leaves of one
/// piece, or a whole small file.
///
/// Only nodes that cover data are kept: about twice as many as the base layer has. Pads are computed once a process.
///
///     layer 2             root
///     layer 1      n0             n1
///     layer 0   l0    l1       l2    pad
public struct MerkleTree: Hashable, Sendable {
    /// Bytes under one leaf: a block (BEP 52).
    public static let leafByteCount = 16 * 1024

    /// How many layers below `layers[0]` there are, down to the leaves.
    public let baseLayer: Int
    /// `layers[0]` is the base layer; the last holds one node, the root.
    private var layers: [[SHA256Digest]]

    /// The tree over `base`, nodes at `baseLayer` counted from the leaves, with pads up to the next power of two.
    ///
    /// `height` raises the root further over pads, as for the short last piece of a file: the layer, counted from the
    /// leaves, where the root must stand. Nil for no nodes, or layers beyond the limits, or too low a height.
    public init?(base: [SHA256Digest], at baseLayer: Int = 0, height: Int? = nil) {
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

    /// The layer of the root.
    public var height: Int { baseLayer + layers.count - 1 }

    /// The node above all others.
    public var root: SHA256Digest { layers[layers.count - 1][0] }

    /// The nodes at `layer` that cover data; nil where this tree has no such layer.
    public func nodes(at layer: Int) -> [SHA256Digest]? {
        (baseLayer...height).contains(layer) ? layers[layer - baseLayer] : nil
    }

    /// One node, a pad where no data is; nil outside of the tree or below its base.
    public func node(at layer: Int, index: Int) -> SHA256Digest? {
        guard (baseLayer...height).contains(layer), index >= 0, index < 1 << (height - layer) else { return nil }
        let nodes = layers[layer - baseLayer]
        return index < nodes.count ? nodes[index] : Self.padRoot(height: layer)
    }
}

extension MerkleTree {
    /// The node `height` layers above pad leaves only.
    ///
    /// `height` is at most `MerkleLimits.maximumHeight`.
    public static func padRoot(height: Int) -> SHA256Digest { padRoots[height] }

    private static let padRoots: [SHA256Digest] = {
        var hasher = MerkleHasher()
        var roots = [SHA256Digest()]
        for height in 0..<MerkleLimits.maximumHeight { roots.append(hasher.combine(roots[height], roots[height])) }
        return roots
    }()
}
