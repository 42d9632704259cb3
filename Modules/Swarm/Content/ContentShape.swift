// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// How much a swarm shares now, and how it is divided into pieces.
///
/// Content grows at its end by whole pieces, may drop its oldest pieces, and ends once: then its last piece may be
/// short, and nothing changes any more. A torrent is content that has ended before it begins.
public struct ContentShape: Hashable, Sendable {
    /// The number of bytes in each piece except the last; 1 to 64 MiB, the same for the whole life of the content.
    public let pieceLength: Int
    /// The number of bytes: a multiple of `pieceLength` until the content is closed. It never decreases.
    public var byteCount: Int
    /// The first piece that is still shared; earlier ones are neither downloaded nor uploaded. It never decreases.
    public var firstPiece: Int
    /// Whether the content has ended.
    public var isClosed: Bool
    /// Must change whenever `Content.verifier` changes for a reason that nothing else here shows.
    public var revision: UInt64

    /// The maximum length of a piece.
    public static let longestPieceLength = 64 << 20
    /// The maximum number of pieces that content may ever have, including dropped ones.
    public static let pieceLimit = 2 << 20

    /// Creates a shape; by default that of empty content that may grow.
    public init(
        pieceLength: Int,
        byteCount: Int = 0,
        firstPiece: Int = 0,
        isClosed: Bool = false,
        revision: UInt64 = 0
    ) {
        self.pieceLength = pieceLength
        self.byteCount = byteCount
        self.firstPiece = firstPiece
        self.isClosed = isClosed
        self.revision = revision
    }

    /// The shape of a torrent, which never changes.
    init(closed geometry: PieceGeometry) {
        self.init(pieceLength: geometry.pieceLength, byteCount: geometry.spaceSize, isClosed: true)
    }

    /// The number of pieces, including dropped ones.
    public var pieceCount: Int { geometry.pieceCount }

    /// How the bytes are divided into pieces.
    public var geometry: PieceGeometry { PieceGeometry(pieceLength: pieceLength, totalSize: byteCount) }

    /// Whether the engine can share content of this shape.
    var isValid: Bool {
        guard 1...Self.longestPieceLength ~= pieceLength, byteCount >= 0, firstPiece >= 0 else { return false }
        let count = byteCount / pieceLength + (byteCount % pieceLength == 0 ? 0 : 1)
        return count <= Self.pieceLimit && firstPiece <= count && (isClosed || byteCount % pieceLength == 0)
    }

    /// Returns whether content of this shape may become content of that one.
    func mayBecome(_ next: ContentShape) -> Bool {
        guard next.isValid, next.pieceLength == pieceLength, next.firstPiece >= firstPiece else { return false }
        return isClosed ? next.isClosed && next.byteCount == byteCount : next.byteCount >= byteCount
    }
}
