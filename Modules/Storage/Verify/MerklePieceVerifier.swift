// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
public import RucheWire

/// Judges pieces by the trees of their files (BEP 52): the leaves of a piece join to its entry in the file's piece layer
/// or, in a file of one piece or less, to the root itself.
public struct MerklePieceVerifier: PieceDigestVerifier {
    private let geometry: PieceGeometry
    /// Layers from the leaves to the nodes that stand for pieces.
    private let pieceLayer: Int
    /// Files with data, by first piece; they share no piece.
    private let files: [HashedFile]
    private let layers: PieceLayers

    private struct HashedFile {
        let firstPiece: Int
        let shape: MerkleShape
        let root: SHA256Digest
    }

    /// What one piece is compared with.
    private struct Expectation {
        /// Layers from the leaves of the piece to `digest`.
        let levels: Int
        /// Nil while it is not known.
        let digest: SHA256Digest?
    }

    /// Judges pieces of `files`, as far as `layers` are known. `files` stand in the order of the piece space.
    public init(geometry: PieceGeometry, files: [FileEntry], layers: PieceLayers) {
        self.geometry = geometry
        self.layers = layers
        let pieceLength = max(geometry.pieceLength, Block.byteCount)
        pieceLayer = (pieceLength / Block.byteCount).trailingZeroBitCount
        self.files = files.compactMap { file in
            guard let root = file.root, let shape = MerkleShape(byteCount: file.size) else { return nil }
            return HashedFile(firstPiece: file.offset / pieceLength, shape: shape, root: root)
        }
    }

    /// The leaves alone.
    public func recipe(for piece: PieceIndex) -> PieceHashRecipe { PieceHashRecipe(wantsLeaves: true) }

    /// Joins the leaves and compares with the piece layer or the root.
    public func verdict(on piece: PieceIndex, digests: PieceDigests) -> PieceVerdict {
        guard let expected = expectation(for: piece), let digest = expected.digest else { return .unknown }
        guard digests.byteCount == geometry.dataByteCount(of: piece), digests.leaves.count <= 1 << expected.levels
        else {
            return .wrong(leaves: digests.leaves)
        }
        var hasher = MerkleHasher()
        let root = hasher.root(of: digests.leaves, levels: expected.levels)
        return root == digest ? .right : .wrong(leaves: digests.leaves)
    }

    private func expectation(for piece: PieceIndex) -> Expectation? {
        guard piece.int < geometry.pieceCount, let file = file(with: piece.int) else { return nil }
        let levels = file.shape.pieceLayer(pieceLayer)
        let isRoot = file.shape.height == levels
        let entry = piece.int - file.firstPiece
        guard entry < file.shape.count(at: levels) else { return nil }
        return Expectation(levels: levels, digest: isRoot ? file.root : layers.digest(at: entry, of: file.root))
    }

    /// The last file that begins at `piece` or before.
    private func file(with piece: Int) -> HashedFile? {
        var low = 0
        var high = files.count
        while low < high {
            let middle = (low + high) / 2
            if files[middle].firstPiece <= piece { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? files[low - 1] : nil
    }
}
