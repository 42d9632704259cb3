// SPDX-License-Identifier: Apache-2.0

/// How a BEP 52 tree over a number of leaves is laid out, whatever its hashes.
///
/// Layer 0 holds the leaves, layer `height` the root. A layer's first `count(at:)` nodes cover data; those up to its
/// `width(at:)` cover pad leaves only and are never stored.
public struct MerkleShape: Hashable, Sendable {
    /// Leaves that stand for data, at least 1.
    public let leafCount: Int
    /// Layers above the leaves: 0 for a tree of one leaf, which is its own root.
    public let height: Int

    /// The tree over `leafCount` leaves; nil unless that is in `1...MerkleLimits.maximumLeafCount`.
    public init?(leafCount: Int) {
        guard leafCount >= 1, leafCount <= MerkleLimits.maximumLeafCount else { return nil }
        self.leafCount = leafCount
        height = MerkleShape.height(covering: leafCount)
    }

    /// The tree over a file of `byteCount` bytes; nil for an empty file, which has none, or an absurdly large one.
    public init?(byteCount: Int) {
        guard byteCount > 0 else { return nil }
        self.init(leafCount: (byteCount - 1) / MerkleTree.leafByteCount + 1)
    }

    /// Nodes at `layer` that cover data; 0 where there is no such layer.
    public func count(at layer: Int) -> Int {
        guard 0...height ~= layer else { return 0 }
        return ((leafCount - 1) >> layer) + 1
    }

    /// Nodes at `layer`, pads included: a power of two; 0 where there is no such layer.
    public func width(at layer: Int) -> Int {
        guard 0...height ~= layer else { return 0 }
        return 1 << (height - layer)
    }

    /// The layer whose nodes stand for pieces of `1 << pieceLayer` leaves. A file of one piece or less has only its
    /// root, which may stand lower.
    public func pieceLayer(_ pieceLayer: Int) -> Int { max(0, min(pieceLayer, height)) }

    /// Layers needed above `count` nodes to join them under one; `count` is at least 1.
    static func height(covering count: Int) -> Int {
        count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount
    }
}

/// What bounds trees and the requests that strangers make about them.
public enum MerkleLimits {
    /// 2^40 leaves are 16 PiB of data.
    public static let maximumLeafCount = 1 << maximumHeight
    /// Layers above the leaves.
    public static let maximumHeight = 40
    /// Hashes in one request. BEP 52 advises 512, but engines ask for all leaves of a piece at once: this is a piece
    /// of 128 MiB.
    public static let maximumHashesPerRequest = 8192
    /// What BEP 52 advises not to exceed when asking.
    public static let recommendedHashesPerRequest = 512
}
