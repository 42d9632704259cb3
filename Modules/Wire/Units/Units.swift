// SPDX-License-Identifier: Apache-2.0

/// The index of a piece in its torrent or feed, from 0.
public struct PieceIndex: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The index in 32 bits, as on the wire.
    public var rawValue: UInt32

    /// Creates an index.
    @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// Creates an index from a number that must fit in 32 bits; higher bits are lost.
    @inlinable public init(_ value: Int) { rawValue = UInt32(truncatingIfNeeded: value) }

    /// The index as an `Int`, for arithmetic and subscripts.
    @inlinable public var int: Int { Int(rawValue) }

    /// Whether `a` comes before `b` in the torrent.
    @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// The index in decimal.
    public var description: String { String(rawValue) }
}

/// The block, the unit of request and transfer.
public enum Block {
    /// The size of a block in bytes, except for the last of a piece: 16 KiB (BEP 3, BEP 52).
    public static let byteCount = 16 * 1024
}

/// A span within one piece, as in `request`, `cancel`, `piece` and `reject` messages (BEP 3).
package struct BlockRequest: Hashable, Sendable, CustomStringConvertible {
    /// The piece.
    package var piece: PieceIndex
    /// The offset from the beginning of the piece in bytes.
    package var offset: UInt32
    /// The length in bytes.
    package var length: UInt32

    /// Creates a request; no value is checked.
    @inlinable package init(piece: PieceIndex, offset: UInt32, length: UInt32) {
        self.piece = piece
        self.offset = offset
        self.length = length
    }

    /// Piece, offset and length, for logs.
    package var description: String { "piece \(piece) [\(offset), +\(length)]" }
}
