// SPDX-License-Identifier: Apache-2.0

/// The layout of a BEP 52 tree over a number of leaves.
///
/// Layer 0 holds the leaves, layer `height` the root. The first `count(at:)` nodes of a layer cover data. The rest, up
/// to `width(at:)`, cover only pad leaves and are never stored.
package struct MerkleShape: Hashable, Sendable {
    /// The number of leaves that cover data, at least 1.
    package let leafCount: Int
    /// The number of layers above the leaves: 0 for a tree of one leaf, which is also the root.
    package let height: Int

    /// Creates the shape over `leafCount` leaves; nil unless that is in `1...MerkleLimits.maximumLeafCount`.
    package init?(leafCount: Int) {
        guard leafCount >= 1, leafCount <= MerkleLimits.maximumLeafCount else { return nil }
        self.leafCount = leafCount
        height = MerkleShape.height(covering: leafCount)
    }

    /// Creates the shape for a file of `byteCount` bytes; nil for an empty file, which has no tree, or for too many
    /// leaves.
    package init?(byteCount: Int) {
        guard byteCount > 0 else { return nil }
        self.init(leafCount: (byteCount - 1) / MerkleTree.leafByteCount + 1)
    }

    /// Returns the number of nodes at `layer` that cover data; 0 if there is no such layer.
    package func count(at layer: Int) -> Int {
        guard 0...height ~= layer else { return 0 }
        return ((leafCount - 1) >> layer) + 1
    }

    /// Returns the number of nodes at `layer`, pads included: a power of two; 0 if there is no such layer.
    package func width(at layer: Int) -> Int {
        guard 0...height ~= layer else { return 0 }
        return 1 << (height - layer)
    }

    /// Returns the layer with one node per piece of `1 << pieceLayer` leaves. For a file of one piece or less, that is
    /// the root's layer, which may be lower.
    package func pieceLayer(_ pieceLayer: Int) -> Int { max(0, min(pieceLayer, height)) }

    /// Returns the number of layers needed above `count` nodes, at least 1, to join them under one node.
    static func height(covering count: Int) -> Int {
        count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
    }
}

/// The limits of trees and of the requests that peers make about them.
package enum MerkleLimits {
    /// 2^40 leaves cover 16 PiB of data.
    package static let maximumLeafCount = 1 << maximumHeight
    /// The maximum number of layers above the leaves.
    package static let maximumHeight = 40
    /// The maximum number of hashes per request. BEP 52 recommends 512, but other clients request all leaves of a piece
    /// at once: this many cover a piece of 128 MiB.
    package static let maximumHashesPerRequest = 8192
    /// The maximum number of hashes in our own requests, as BEP 52 recommends.
    package static let recommendedHashesPerRequest = 512
}
