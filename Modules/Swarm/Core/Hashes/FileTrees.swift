// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheStorage
package import RucheWire

/// Finds the BEP 52 tree of a piece, or of the root in a peer's request.
///
/// Empty for a v1 torrent. Files with the same content have the same root; a lookup returns the first.
package struct FileTrees: Sendable {
    /// A file that is not empty, with its tree.
    package struct Entry: Sendable {
        package let root: SHA256Digest
        package let tree: FileTree
        /// The index of the file's first piece in the torrent.
        package let firstPiece: Int
    }

    /// The files that are not empty, by first piece. No two share a piece.
    private let entries: [Entry]
    private let indexByRoot: [SHA256Digest: Int]
    private let leavesPerPiece: Int

    package init(_ info: TorrentInfo) {
        let pieceLength = info.geometry.pieceLength
        leavesPerPiece = max(1, pieceLength / Block.byteCount)
        entries = info.files.compactMap { file in
            guard let root = file.root, let tree = FileTree(byteCount: file.size, pieceLength: pieceLength) else {
                return nil
            }
            return Entry(root: root, tree: tree, firstPiece: file.offset / pieceLength)
        }
        indexByRoot = Dictionary(entries.enumerated().map { ($1.root, $0) }) { first, _ in first }
    }

    /// Returns the file that contains `piece`.
    package func entry(of piece: PieceIndex) -> Entry? {
        let next = entries.partitioningIndex { $0.firstPiece > piece.int }
        guard next > 0, piece.int - entries[next - 1].firstPiece < entries[next - 1].tree.pieceCount else { return nil }
        return entries[next - 1]
    }

    /// Returns the file with this root.
    package func entry(of root: SHA256Digest) -> Entry? { indexByRoot[root].map { entries[$0] } }

    /// Returns a request for all leaves of `piece`, proved up to the piece's node. Nil if the piece has a single leaf,
    /// which its node already gives.
    package func leafRequest(for piece: PieceIndex) -> HashRequest? {
        guard let entry = entry(of: piece), entry.tree.shape.leafCount > 1, leavesPerPiece > 1 else { return nil }
        let first = (piece.int - entry.firstPiece) * leavesPerPiece
        let length = min(leavesPerPiece, entry.tree.shape.width(at: 0))
        return HashRequest(
            root: entry.root,
            range: MerkleRange(baseLayer: 0, index: first, length: length, proofLayers: 0)
        )
    }

    /// Returns the piece whose leaves `request` asks for; nil for any other request.
    package func piece(ofLeafRequest request: HashRequest) -> PieceIndex? {
        guard request.baseLayer == 0, let entry = entry(of: request.root) else { return nil }
        let first = Int(request.index) / leavesPerPiece
        let last = (Int(request.index) + Int(request.length) - 1) / leavesPerPiece
        guard first == last, first < entry.tree.pieceCount else { return nil }
        return PieceIndex(entry.firstPiece + first)
    }

    /// Returns the node of `piece`, if it is known.
    package func digest(of piece: PieceIndex, in layers: PieceLayers) -> SHA256Digest? {
        guard let entry = entry(of: piece) else { return nil }
        guard entry.tree.hasPieceLayer else { return entry.root }
        return layers.digest(at: piece.int - entry.firstPiece, of: entry.root)
    }
}
