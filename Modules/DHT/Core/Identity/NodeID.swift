// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// A point in the DHT's 160-bit space: a node's id, an info-hash or the target of an item (BEP 5).
public struct NodeID: Hashable, Sendable, CustomStringConvertible {
    /// The first 64 bits. All words are big-endian, so comparing them compares the points.
    let high: UInt64
    let middle: UInt64
    let low: UInt32

    init(high: UInt64, middle: UInt64, low: UInt32) {
        self.high = high
        self.middle = middle
        self.low = low
    }

    /// Creates the point of a digest, such as an info-hash.
    public init(_ digest: SHA1Digest) {
        self = digest.withUnsafeBytes { bytes in
            NodeID(
                high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                middle: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                low: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
            )
        }
    }

    /// Parses 20 bytes; nil for any other number.
    public init?(_ bytes: some Collection<UInt8>) {
        guard let digest = SHA1Digest(bytes) else { return nil }
        self.init(digest)
    }

    /// Creates a random point.
    package init(using random: inout some RandomNumberGenerator) {
        self.init(high: random.next(), middle: random.next(), low: random.next())
    }

    /// The 20 bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(SHA1Digest.byteCount)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: high >> UInt64(shift)))
        }
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: middle >> UInt64(shift)))
        }
        for shift in stride(from: 24, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: low >> UInt32(shift)))
        }
        return bytes
    }

    /// 40 hexadecimal digits.
    public var description: String { Hex.encode(bytes) }

    /// Returns the distance to another point: their exclusive or (BEP 5).
    func distance(to other: NodeID) -> NodeDistance {
        NodeDistance(high: high ^ other.high, middle: middle ^ other.middle, low: low ^ other.low)
    }

    /// Returns this point with all bits after the first `count` taken from `other`.
    func prefix(_ count: Int, followedBy other: NodeID) -> NodeID {
        let first = Self.mask(count)
        let second = Self.mask(count - 64)
        let third = UInt32(truncatingIfNeeded: Self.mask(count - 128) >> 32)
        return NodeID(
            high: high & first | other.high & ~first,
            middle: middle & second | other.middle & ~second,
            low: low & third | other.low & ~third
        )
    }

    /// Returns this point with one bit inverted; bit 0 is the most significant.
    func invertingBit(_ index: Int) -> NodeID {
        let bit = Self.mask(index + 1) ^ Self.mask(index)
        let second = Self.mask(index - 63) ^ Self.mask(index - 64)
        let third = UInt32(truncatingIfNeeded: (Self.mask(index - 127) ^ Self.mask(index - 128)) >> 32)
        return NodeID(high: high ^ bit, middle: middle ^ second, low: low ^ third)
    }

    private static func mask(_ count: Int) -> UInt64 {
        count <= 0 ? 0 : count >= 64 ? .max : ~(.max >> UInt64(count))
    }
}

/// The distance between two points.
struct NodeDistance: Hashable, Comparable, Sendable {
    let high: UInt64
    let middle: UInt64
    let low: UInt32

    /// The length in bits of the prefix that both points share: 160 for equal points.
    var sharedBits: Int {
        if high != 0 { return high.leadingZeroBitCount }
        if middle != 0 { return 64 + middle.leadingZeroBitCount }
        return 128 + low.leadingZeroBitCount
    }

    /// The distance as a fraction of the whole space, from 0 to 1.
    var share: Double { (Double(high) + Double(middle) / 0x1p64) / 0x1p64 }

    static func < (a: Self, b: Self) -> Bool {
        if a.high != b.high { return a.high < b.high }
        return a.middle != b.middle ? a.middle < b.middle : a.low < b.low
    }
}
