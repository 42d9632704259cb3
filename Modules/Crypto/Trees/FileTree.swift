// SPDX-License-Identifier: Apache-2.0

/// A file's tree as BEP 52 metainfo describes it: the root, and the layer with one node per piece.
///
/// A file of one piece or less has no piece layer. Its piece is checked against the root, and its leaves are padded
/// only to the next power of two. In a larger file, every piece is padded to the full width of a piece.
package struct FileTree: Hashable, Sendable {
    /// The shape of the whole tree.
    package let shape: MerkleShape
    /// The layer with one node per piece, counted from the leaves. For a file of one piece or less, the root's layer.
    package let pieceLayer: Int
    /// The number of leaves in every piece but the last.
    private let leavesPerPiece: Int

    /// Creates the tree of a file. Nil for an empty file, or for a piece length that is not a power of two of at least
    /// 16 KiB.
    package init?(byteCount: Int, pieceLength: Int) {
        guard let shape = MerkleShape(byteCount: byteCount),
            pieceLength >= MerkleTree.leafByteCount, pieceLength.nonzeroBitCount == 1
        else { return nil }
        self.shape = shape
        leavesPerPiece = pieceLength / MerkleTree.leafByteCount
        pieceLayer = shape.pieceLayer(leavesPerPiece.trailingZeroBitCount)
    }

    /// The number of pieces in the file.
    package var pieceCount: Int { shape.count(at: pieceLayer) }

    /// Whether metainfo must contain a piece layer for this file.
    package var hasPieceLayer: Bool { pieceCount > 1 }

    /// Returns the number of leaves in a piece, numbered within the file; 0 for a piece that the file does not have.
    package func leafCount(ofPiece piece: Int) -> Int {
        guard 0..<pieceCount ~= piece else { return 0 }
        return min(leavesPerPiece, shape.leafCount - piece * leavesPerPiece)
    }

    /// Returns the node of a piece with these leaves. Nil for no leaves or too many.
    package func pieceRoot(ofLeaves leaves: [SHA256Digest]) -> SHA256Digest? {
        guard 1...(1 << pieceLayer) ~= leaves.count else { return nil }
        var hasher = MerkleHasher()
        return hasher.root(of: leaves, levels: pieceLayer)
    }

    /// Computes the piece layer from all leaves of the file. Nil for a wrong number of leaves.
    package func makePieceLayer(fromLeaves leaves: [SHA256Digest]) -> [SHA256Digest]? {
        guard leaves.count == shape.leafCount else { return nil }
        var hasher = MerkleHasher()
        var row = leaves
        for layer in 0..<pieceLayer { row = hasher.parents(of: row, at: layer) }
        return row
    }

    /// Computes the file's root from its piece layer. Nil for a wrong number of nodes.
    package func root(ofPieceLayer nodes: [SHA256Digest]) -> SHA256Digest? {
        guard nodes.count == pieceCount else { return nil }
        var hasher = MerkleHasher()
        return hasher.root(of: nodes, at: pieceLayer, levels: shape.height - pieceLayer)
    }
}
