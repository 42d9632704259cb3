// SPDX-License-Identifier: Apache-2.0

/// How a torrent's byte sequence is cut into pieces and blocks.
///
/// The piece space of a v2 or hybrid torrent is file-aligned: what lies between a file's end and the next piece is
/// padding, known to be zero, never requested (BEP 47, BEP 52).
public struct PieceGeometry: Hashable, Sendable {
    /// Bytes in every piece but the last.
    public let pieceLength: Int
    /// Bytes in the whole piece space, padding between files included: more than `TorrentInfo.totalSize` where there is any.
    public let spaceSize: Int
    /// Pieces, the last one perhaps short.
    public let pieceCount: Int
    /// Trailing padding by piece, for the pieces that end in some; bytes.
    private let padding: [PieceIndex: UInt32]

    /// `totalSize` counts padding; `padding` names the pieces that end in known zeros, and how many.
    public init(pieceLength: Int, totalSize: Int, padding: [PieceIndex: UInt32] = [:]) {
        self.pieceLength = pieceLength
        spaceSize = totalSize
        pieceCount = pieceLength > 0 ? totalSize / pieceLength + (totalSize % pieceLength == 0 ? 0 : 1) : 0
        self.padding = padding
    }

    /// Bytes in `piece` as v1 hashes it, padding included. `piece` must exist.
    @inlinable public func byteCount(of piece: PieceIndex) -> Int {
        piece.int == pieceCount - 1 ? spaceSize - piece.int * pieceLength : pieceLength
    }

    /// Bytes in `piece` that have to be transferred: without the padding at its end.
    public func dataByteCount(of piece: PieceIndex) -> Int {
        guard !padding.isEmpty else { return byteCount(of: piece) }
        return byteCount(of: piece) - Int(padding[piece] ?? 0)
    }

    /// Blocks to transfer for `piece`.
    public func blockCount(of piece: PieceIndex) -> Int {
        (dataByteCount(of: piece) + Block.byteCount - 1) / Block.byteCount
    }

    /// The request for block `index` of `piece`: 16 KiB, or what is left of the piece's data.
    public func block(_ index: Int, of piece: PieceIndex) -> BlockRequest {
        let offset = index * Block.byteCount
        let length = min(Block.byteCount, dataByteCount(of: piece) - offset)
        return BlockRequest(piece: piece, offset: UInt32(offset), length: UInt32(length))
    }

    /// Whether `request` names existing bytes of an existing piece, and at least one.
    public func contains(_ request: BlockRequest) -> Bool {
        request.piece.int < pieceCount && request.length > 0
            && Int(request.offset) + Int(request.length) <= byteCount(of: request.piece)
    }
}
