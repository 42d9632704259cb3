// SPDX-License-Identifier: Apache-2.0

/// The place of a piece in its torrent or feed, from 0.
public struct PieceIndex: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The index itself; 32 bits, as on the wire.
    public var rawValue: UInt32

    /// A piece by number.
    @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// A piece by a number that is known to be in range.
    @inlinable public init(_ value: Int) { rawValue = UInt32(truncatingIfNeeded: value) }

    /// The index, to count and subscript with.
    @inlinable public var int: Int { Int(rawValue) }

    /// By place in the torrent.
    @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    /// The number.
    public var description: String { String(rawValue) }
}

/// Facts about blocks, the unit of request and transfer.
public enum Block {
    /// Bytes in a block, but for the last of a piece: 16 KiB (BEP 3, BEP 52).
    public static let byteCount = 16 * 1024
}

/// A span inside one piece, as `request`, `cancel`, `piece` and `reject` name it (BEP 3).
public struct BlockRequest: Hashable, Sendable, CustomStringConvertible {
    /// The piece.
    public var piece: PieceIndex
    /// Bytes from the beginning of the piece.
    public var offset: UInt32
    /// Bytes asked for.
    public var length: UInt32

    /// A span of `length` bytes from `offset`.
    @inlinable public init(piece: PieceIndex, offset: UInt32, length: UInt32) {
        self.piece = piece
        self.offset = offset
        self.length = length
    }

    /// Piece, offset and length, for logs.
    public var description: String { "piece \(piece) [\(offset), +\(length)]" }
}
