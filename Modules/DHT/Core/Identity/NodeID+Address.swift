// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Node ids that belong to an address (BEP 42).
extension NodeID {
    /// Whether a node at `address` may have this id. True for every id if the address is private, which BEP 42 exempts.
    package func isAllowed(at address: IPAddress) -> Bool {
        if address.isPrivate { return true }
        let checksum = Self.checksum(of: address, random: UInt8(truncatingIfNeeded: low) & 7)
        return UInt32(truncatingIfNeeded: high >> 32) >> 11 == checksum >> 11
    }

    /// Creates a random id that a node at `address` may have.
    package init(at address: IPAddress, using random: inout some RandomNumberGenerator) {
        let any = NodeID(using: &random)
        let checksum = Self.checksum(of: address, random: UInt8(truncatingIfNeeded: any.low) & 7)
        let start = NodeID(high: UInt64(checksum) << 32, middle: 0, low: 0)
        self = start.prefix(Self.boundBits, followedBy: any)
    }

    /// The number of bits of an id that its address determines.
    private static let boundBits = 21

    private static func checksum(of address: IPAddress, random: UInt8) -> UInt32 {
        guard address.isIPv4 else {
            let masked = address.high & 0x0103_070f_1f3f_7fff | UInt64(random) << 61
            return CRC32C.checksum(of: masked, byteCount: 8)
        }
        return CRC32C.checksum(of: address.low & 0x030f_3fff | UInt64(random) << 29, byteCount: 4)
    }
}
