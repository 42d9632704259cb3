// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// Which file's tree covers a piece, and where in it: what checking a v2 piece takes (BEP 52).
///
/// In the piece space of a v2 or hybrid torrent every file that has bytes begins with a piece, so a piece belongs to one
/// file only.
public struct V2Layout: Sendable {
    /// A file that has bytes, in the order of the piece space.
    public struct File: Hashable, Sendable {
        /// Its place in `TorrentInfo.files`.
        public let index: Int
        /// The root of its tree.
        public let root: SHA256Digest
        /// The shape of its tree.
        public let tree: FileTree
        /// Its first piece.
        public let firstPiece: PieceIndex

        /// Its pieces.
        public var pieceCount: Int { tree.pieceCount }
    }

    /// Where a piece stands in its file's tree.
    public struct Place: Hashable, Sendable {
        /// The file.
        public let file: File
        /// The piece, counted from the file's first.
        public let pieceInFile: Int

        /// Leaves, which are blocks, of the piece.
        public var blockCount: Int { file.tree.leafCount(ofPiece: pieceInFile) }
        /// Whether the file has no other piece: then its root is the piece's, and there is no piece layer.
        public var isOnlyPiece: Bool { !file.tree.hasPieceLayer }
    }

    /// The files that have bytes, in order.
    public let files: [File]

    /// The trees of `info`; nil for a torrent that is v1 only.
    public init?(_ info: TorrentInfo) {
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

    /// The place of `piece`, by binary search; nil beyond the end.
    public func place(of piece: PieceIndex) -> Place? {
        var low = 0
        var high = files.count
        while low < high {
            let middle = (low + high) / 2
            if files[middle].firstPiece <= piece { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let file = files[low - 1]
        let pieceInFile = piece.int - file.firstPiece.int
        return pieceInFile < file.pieceCount ? Place(file: file, pieceInFile: pieceInFile) : nil
    }
}

extension Metainfo {
    /// The node that `place`'s leaves have to lead to; nil while its piece layer is not known.
    public func pieceRoot(at place: V2Layout.Place) -> SHA256Digest? {
        guard !place.isOnlyPiece else { return place.file.root }
        guard let layer = pieceLayers[place.file.root], place.pieceInFile < layer.count else { return nil }
        return layer[place.pieceInFile]
    }

    /// The files whose piece layer is still to be asked of peers; empty for v1, or once all are known.
    public var filesWithoutPieceLayer: [V2Layout.File] {
        V2Layout(info)?.files.filter { $0.tree.hasPieceLayer && pieceLayers[$0.root] == nil } ?? []
    }
}
