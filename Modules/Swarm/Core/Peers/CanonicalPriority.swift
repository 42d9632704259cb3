// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// BEP 40: an order of peers on which both sides of a connection agree.
package enum CanonicalPriority {
    /// Returns the CRC32-C of both addresses, masked and sorted; of both ports if the addresses are equal. Higher is
    /// dialled first. Zero for addresses of different families, which BEP 40 does not cover.
    package static func priority(_ a: PeerEndpoint, _ b: PeerEndpoint) -> UInt32 {
        guard a.address.isIPv4 == b.address.isIPv4 else { return 0 }
        if a.address == b.address {
            return CRC32C.checksum(min(a.port, b.port).bigEndianBytes + max(a.port, b.port).bigEndianBytes)
        }
        let bytes = (networkBytes(a.address), networkBytes(b.address))
        let shared = zip(bytes.0, bytes.1).prefix { $0 == $1 }.count
        // A longer common prefix is used in full, and one byte more.
        let least = a.address.isIPv4 ? 2 : 6
        let fullCount = shared < least ? least : shared + 1
        let masked = (mask(bytes.0, fullCount), mask(bytes.1, fullCount))
        let isSorted = masked.0.lexicographicallyPrecedes(masked.1)
        return CRC32C.checksum(isSorted ? masked.0 + masked.1 : masked.1 + masked.0)
    }

    private static func networkBytes(_ address: IPAddress) -> [UInt8] {
        address.isIPv4
            ? UInt32(truncatingIfNeeded: address.low).bigEndianBytes
            : address.high.bigEndianBytes + address.low.bigEndianBytes
    }

    private static func mask(_ bytes: [UInt8], _ fullCount: Int) -> [UInt8] {
        bytes.enumerated().map { $0 < fullCount ? $1 : $1 & 0x55 }
    }
}
