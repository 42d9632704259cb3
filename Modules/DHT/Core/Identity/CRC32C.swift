// SPDX-License-Identifier: Apache-2.0

/// The CRC-32 of Castagnoli (RFC 3720 section 12.1), which BEP 42 derives node ids with. Not a cryptographic hash.
enum CRC32C {
    /// The reversed polynomial.
    private static let polynomial: UInt32 = 0x82f6_3b78

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
    }

    /// The checksum of the last `count` bytes of `word`, the most significant first.
    static func checksum(of word: UInt64, byteCount: Int) -> UInt32 {
        var checksum = UInt32.max
        for index in (0..<byteCount).reversed() {
            let byte = UInt8(truncatingIfNeeded: word >> UInt64(8 * index))
            checksum = checksum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: checksum) ^ byte)]
        }
        return ~checksum
    }
}
