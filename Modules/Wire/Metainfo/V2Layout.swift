// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto

/// Maps each piece to a file's hash tree and a position in it, as needed to verify a v2 piece (BEP 52).
///
/// In the piece space of a v2 or hybrid torrent every nonempty file starts on a piece, so a piece belongs to only one
/// file.
package struct V2Layout: Sendable {
    /// A nonempty file, in the order of the piece space.
    package struct File: Hashable, Sendable {
        /// Its index in `TorrentInfo.files`.
        package let index: Int
        /// The root of its hash tree.
        package let root: SHA256Digest
        /// The shape of its hash tree.
        package let tree: FileTree
        /// Its first piece.
        package let firstPiece: PieceIndex

        /// The number of its pieces.
        package var pieceCount: Int { tree.pieceCount }
    }

    /// The position of a piece in its file's tree.
    package struct Place: Hashable, Sendable {
        /// The file.
        package let file: File
        /// The index of the piece relative to the file's first.
        package let pieceInFile: Int

        /// The number of leaves, which are blocks, of the piece.
        package var blockCount: Int { file.tree.leafCount(ofPiece: pieceInFile) }
        /// Whether the file has no other piece. Its root is then the piece's, and there is no piece layer.
        package var isOnlyPiece: Bool { !file.tree.hasPieceLayer }
    }

    /// The nonempty files, in order.
    package let files: [File]

    /// Creates the layout of `info`; nil for a v1 torrent.
    package init?(_ info: TorrentInfo) {
        guard info.hashes.v2 != nil else { return nil }
        let pieceLength = info.geometry.pieceLength
        files = info.files.enumerated().compactMap { index, entry in
            guard let root = entry.root, let tree = FileTree(byteCount: entry.size, pieceLength: pieceLength) else {
                return nil
            }
            let firstPiece = PieceIndex(entry.offset / pieceLength)
            return File(index: index, root: root, tree: tree, firstPiece: firstPiece)
        }
    }

    /// Returns the place of `piece`, by binary search; nil after the end.
    package func place(of piece: PieceIndex) -> Place? {
        let next = files.partitioningIndex { $0.firstPiece > piece }
        guard next > 0 else { return nil }
        let file = files[next - 1]
        let pieceInFile = piece.int - file.firstPiece.int
        return pieceInFile < file.pieceCount ? Place(file: file, pieceInFile: pieceInFile) : nil
    }
}

extension Metainfo {
    /// Returns the node that the leaves of `place` must join to; nil while its piece layer is unknown.
    package func pieceRoot(at place: V2Layout.Place) -> SHA256Digest? {
        guard !place.isOnlyPiece else { return place.file.root }
        guard let layer = pieceLayers[place.file.root], place.pieceInFile < layer.count else { return nil }
        return layer[place.pieceInFile]
    }

    /// The files whose piece layer must still be requested from peers; empty for v1, or once all are known.
    package var filesWithoutPieceLayer: [V2Layout.File] {
        V2Layout(info)?.files.filter { $0.tree.hasPieceLayer && pieceLayers[$0.root] == nil } ?? []
    }
}
