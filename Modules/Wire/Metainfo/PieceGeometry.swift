// SPDX-License-Identifier: Apache-2.0

/// How a torrent's bytes are split into pieces and blocks.
///
/// The piece space of a v2 or hybrid torrent is file-aligned: the bytes between a file's end and the next piece are
/// padding, which is zero and never requested (BEP 47, BEP 52).
public struct PieceGeometry: Hashable, Sendable {
    /// Bytes in every piece except the last.
    public let pieceLength: Int
    /// Bytes in the whole piece space. Includes padding between files, unlike `TorrentInfo.totalSize`.
    public private(set) var spaceSize: Int
    /// The number of pieces; the last may be short.
    public private(set) var pieceCount: Int
    /// The trailing padding in bytes of each piece that has some.
    private let padding: [PieceIndex: UInt32]

    /// `totalSize` includes padding; `padding` gives the number of trailing zeros of the pieces that have some.
    package init(pieceLength: Int, totalSize: Int, padding: [PieceIndex: UInt32] = [:]) {
        self.pieceLength = pieceLength
        spaceSize = totalSize
        pieceCount = pieceLength > 0 ? totalSize / pieceLength + (totalSize % pieceLength == 0 ? 0 : 1) : 0
        self.padding = padding
    }

    /// Covers `totalSize` bytes from now on, because the content has grown. Does nothing if it covers as many already.
    public mutating func grow(to totalSize: Int) {
        guard totalSize > spaceSize else { return }
        spaceSize = totalSize
        pieceCount = pieceLength > 0 ? totalSize / pieceLength + (totalSize % pieceLength == 0 ? 0 : 1) : 0
    }

    /// Bytes in `piece` as v1 hashes it, including padding. `piece` must exist.
    @inlinable public func byteCount(of piece: PieceIndex) -> Int {
        piece.int == pieceCount - 1 ? spaceSize - piece.int * pieceLength : pieceLength
    }

    /// Bytes to transfer for `piece`, without trailing padding.
    public func dataByteCount(of piece: PieceIndex) -> Int {
        guard !padding.isEmpty else { return byteCount(of: piece) }
        return byteCount(of: piece) - Int(padding[piece] ?? 0)
    }

    /// Blocks to transfer for `piece`.
    package func blockCount(of piece: PieceIndex) -> Int {
        (dataByteCount(of: piece) + Block.byteCount - 1) / Block.byteCount
    }

    /// Returns the request for block `index` of `piece`: 16 KiB, or what is left of the piece's data.
    package func block(_ index: Int, of piece: PieceIndex) -> BlockRequest {
        let offset = index * Block.byteCount
        let length = min(Block.byteCount, dataByteCount(of: piece) - offset)
        return BlockRequest(piece: piece, offset: UInt32(offset), length: UInt32(length))
    }

    /// Whether `request` is for at least one byte and only existing bytes of an existing piece.
    package func contains(_ request: BlockRequest) -> Bool {
        request.piece.int < pieceCount && request.length > 0
            && Int(request.offset) + Int(request.length) <= byteCount(of: request.piece)
    }
}
