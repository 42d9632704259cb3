// SPDX-License-Identifier: Apache-2.0

/// A file's tree as BEP 52 metainfo speaks of it: its root, and the layer with a node for each piece.
///
/// A file of one piece or less has no piece layer: its one piece is checked against the root, with pads only up to
/// the next power of two of its own leaves. Every piece of a larger file is padded to the full width of a piece.
public struct FileTree: Hashable, Sendable {
    /// Layout of the whole tree.
    public let shape: MerkleShape
    /// The layer whose nodes stand for pieces, counted from the leaves; the root's for a file of one piece or less.
    public let pieceLayer: Int
    /// Leaves in every piece but the last.
    private let leavesPerPiece: Int

    /// The tree of a file of `byteCount` bytes in pieces of `pieceLength`; nil for an empty file or a piece length that
    /// is not a power of two of at least 16 KiB.
    public init?(byteCount: Int, pieceLength: Int) {
        guard let shape = MerkleShape(byteCount: byteCount),
            pieceLength >= MerkleTree.leafByteCount, pieceLength.nonzeroBitCount == 1
        else { return nil }
        self.shape = shape
        leavesPerPiece = pieceLength / MerkleTree.leafByteCount
        pieceLayer = shape.pieceLayer(leavesPerPiece.trailingZeroBitCount)
    }

    /// Pieces of the file.
    public var pieceCount: Int { shape.count(at: pieceLayer) }

    /// Whether metainfo must carry a piece layer for this file.
    public var hasPieceLayer: Bool { pieceCount > 1 }

    /// Leaves of a piece of the file, counted in the file; 0 for a piece it does not have.
    public func leafCount(ofPiece piece: Int) -> Int {
        guard 0..<pieceCount ~= piece else { return 0 }
        return min(leavesPerPiece, shape.leafCount - piece * leavesPerPiece)
    }

    /// The node that stands for a piece with these leaves. Nil for no leaves or too many.
    public func pieceRoot(ofLeaves leaves: [SHA256Digest]) -> SHA256Digest? {
        guard 1...(1 << pieceLayer) ~= leaves.count else { return nil }
        var hasher = MerkleHasher()
        return hasher.root(of: leaves, levels: pieceLayer)
    }

    /// All of the file's nodes at the piece layer, from all of its leaves. Nil for a wrong number of leaves.
    public func makePieceLayer(fromLeaves leaves: [SHA256Digest]) -> [SHA256Digest]? {
        guard leaves.count == shape.leafCount else { return nil }
        var hasher = MerkleHasher()
        var row = leaves
        for layer in 0..<pieceLayer { row = hasher.parents(of: row, at: layer) }
        return row
    }

    /// The file's root, from its piece layer. Nil for a wrong number of nodes.
    public func root(ofPieceLayer nodes: [SHA256Digest]) -> SHA256Digest? {
        guard nodes.count == pieceCount else { return nil }
        var hasher = MerkleHasher()
        return hasher.root(of: nodes, at: pieceLayer, levels: shape.height - pieceLayer)
    }
}
