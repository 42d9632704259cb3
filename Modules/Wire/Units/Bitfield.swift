// SPDX-License-Identifier: Apache-2.0

/// The set of pieces that a peer has: one bit per piece, with a running count. BEP 3 defines its form on the wire.
///
/// Invariants: spare bits are zero; `setCount` is the number of bits set. Peers send the indices, so an index out of
/// range is not an error: it reads as absent and cannot be set.
public struct Bitfield: Hashable, Sendable {
    /// The number of pieces that it covers.
    public private(set) var count: Int
    /// The number of pieces present.
    public private(set) var setCount: Int
    /// Bit `i` of word `w` is piece `64 * w + i`.
    @usableFromInline package private(set) var words: [UInt64]

    /// Creates a bitfield of `count` pieces, all absent or all present.
    public init(count: Int, allSet: Bool = false) {
        self.count = count
        words = Array(repeating: allSet ? .max : 0, count: (count + 63) / 64)
        setCount = allSet ? count : 0
        if allSet, !count.isMultiple(of: 64) { words[words.count - 1] = (1 << UInt64(count % 64)) - 1 }
    }

    /// Parses the payload of a `bitfield` message. The high bit of the first byte is piece 0.
    ///
    /// Nil if the length is not `(count + 7) / 8` or a spare bit is set. BEP 3 says to drop such a peer.
    package init?(wire bytes: some Collection<UInt8>, count: Int) {
        guard bytes.count == (count + 7) / 8 else { return nil }
        self.init(count: count)
        if bytes.withContiguousStorageIfAvailable({ fill(fromWire: UnsafeRawBufferPointer($0)) }) == nil {
            Array(bytes).withUnsafeBytes { fill(fromWire: $0) }
        }
        if !count.isMultiple(of: 64), let last = words.last, last >> UInt64(count % 64) != 0 { return nil }
        setCount = words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// Parses the payload of a `bitfield` message about content that grows, whose sender may know of fewer or more pieces
    /// than we do. Covers as many pieces as `bytes` has bits.
    public init(growingWire bytes: some Collection<UInt8>) {
        self.init(count: bytes.count * 8)
        if bytes.withContiguousStorageIfAvailable({ fill(fromWire: UnsafeRawBufferPointer($0)) }) == nil {
            Array(bytes).withUnsafeBytes { fill(fromWire: $0) }
        }
        setCount = words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// Eight bytes make a word, lowest byte first. `bytes` must have exactly the length that `count` needs.
    private mutating func fill(fromWire bytes: UnsafeRawBufferPointer) {
        let wholeCount = bytes.count / 8
        for index in 0..<wholeCount {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
            words[index] = word.bytesBitReversed
        }
        for index in wholeCount * 8..<bytes.count {
            words[wholeCount] |= (UInt64(bytes[index]) << UInt64(index % 8 * 8)).bytesBitReversed
        }
    }

    /// The payload of a `bitfield` message.
    package var wireBytes: [UInt8] {
        let reversed = words.map { $0.bytesBitReversed.littleEndian }
        return reversed.withUnsafeBytes { Array($0.prefix((count + 7) / 8)) }
    }

    /// Whether every piece is present.
    @inlinable public var isComplete: Bool { setCount == count }
    /// Whether no piece is present.
    @inlinable public var isEmpty: Bool { setCount == 0 }

    /// Whether `piece` is present; false if it is out of range.
    @inlinable public subscript(piece: PieceIndex) -> Bool {
        let index = piece.int
        guard index < count else { return false }
        return words[index >> 6] >> UInt64(index & 63) & 1 == 1
    }

    /// Marks `piece` as present. Returns false if it already was, or is out of range.
    @discardableResult
    public mutating func insert(_ piece: PieceIndex) -> Bool {
        guard piece.int < count, !self[piece] else { return false }
        words[piece.int >> 6] |= 1 << UInt64(piece.int & 63)
        setCount += 1
        return true
    }

    /// Marks `piece` as absent. Returns false if it already was, or is out of range.
    @discardableResult
    public mutating func remove(_ piece: PieceIndex) -> Bool {
        guard piece.int < count, self[piece] else { return false }
        words[piece.int >> 6] &= ~(1 << UInt64(piece.int & 63))
        setCount -= 1
        return true
    }

    /// Covers `count` pieces from now on; those that are added are absent. Does nothing if it covers as many already.
    /// Takes time in proportion to what is added.
    public mutating func grow(to count: Int) {
        guard count > self.count else { return }
        self.count = count
        let wordCount = count / 64 + (count.isMultiple(of: 64) ? 0 : 1)
        if wordCount > words.count { words.append(contentsOf: repeatElement(0, count: wordCount - words.count)) }
    }

    /// Returns the same pieces out of the first `count`.
    public func resized(to count: Int) -> Bitfield {
        guard count < self.count else {
            var grown = self
            grown.grow(to: count)
            return grown
        }
        var cut = Bitfield(count: count)
        for index in cut.words.indices { cut.words[index] = words[index] }
        if !count.isMultiple(of: 64) { cut.words[cut.words.count - 1] &= (1 << UInt64(count % 64)) - 1 }
        cut.setCount = cut.words.reduce(0) { $0 + $1.nonzeroBitCount }
        return cut
    }

    /// Returns the pieces present here and absent in `other`, which must have the same count, in ascending order.
    package func indices(missingIn other: Bitfield) -> some Sequence<PieceIndex> {
        zip(words, other.words).enumerated().lazy.flatMap { word, bits in
            SetBits(bits: bits.0 & ~bits.1, base: word * 64)
        }
    }

    /// The pieces present, in ascending order.
    public var indices: some Sequence<PieceIndex> {
        words.enumerated().lazy.flatMap { word, bits in SetBits(bits: bits, base: word * 64) }
    }
}

/// Iterates over the set bits of a word, lowest first.
private struct SetBits: Sequence, IteratorProtocol {
    var bits: UInt64
    let base: Int

    mutating func next() -> PieceIndex? {
        guard bits != 0 else { return nil }
        defer { bits &= bits - 1 }
        return PieceIndex(base + bits.trailingZeroBitCount)
    }
}

extension UInt64 {
    /// The same bytes, each with its bits in reverse order.
    fileprivate var bytesBitReversed: UInt64 {
        var value = (self >> 4) & 0x0f0f_0f0f_0f0f_0f0f | (self & 0x0f0f_0f0f_0f0f_0f0f) << 4
        value = (value >> 2) & 0x3333_3333_3333_3333 | (value & 0x3333_3333_3333_3333) << 2
        return (value >> 1) & 0x5555_5555_5555_5555 | (value & 0x5555_5555_5555_5555) << 1
    }
}
