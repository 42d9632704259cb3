// SPDX-License-Identifier: Apache-2.0

/// The CRC-32 of Castagnoli (RFC 3720, section 12.1), by which BEP 40 orders peers and BEP 42 derives node ids. Not a
/// cryptographic hash.
package enum CRC32C {
    private static let reversedPolynomial: UInt32 = 0x82f6_3b78

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ reversedPolynomial : value >> 1 }
    }

    /// The checksum of a few bytes.
    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { adding($1, to: $0) }
    }

    /// The checksum of the last `byteCount` bytes of `word`, the most significant first.
    package static func checksum(of word: UInt64, byteCount: Int) -> UInt32 {
        var remainder = UInt32.max
        for index in (0..<byteCount).reversed() {
            remainder = adding(UInt8(truncatingIfNeeded: word >> UInt64(8 * index)), to: remainder)
        }
        return ~remainder
    }

    private static func adding(_ byte: UInt8, to remainder: UInt32) -> UInt32 {
        remainder >> 8 ^ table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)]
    }
}
