// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The addresses that are reached over one interface without a router.
package struct LocalNetwork: Hashable, Sendable {
    /// Our own address in the network.
    package let address: IPAddress
    /// The number of leading bits that all its addresses share.
    package let prefixLength: Int

    package init(address: IPAddress, prefixLength: Int) {
        self.address = address
        self.prefixLength = prefixLength
    }

    package func contains(_ other: IPAddress) -> Bool {
        guard other.isIPv4 == address.isIPv4, prefixLength > 0 else { return false }
        guard !address.isIPv4 else { return Self.agree(address.low, other.low, prefixLength, of: 32) }
        guard Self.agree(address.high, other.high, min(prefixLength, 64), of: 64) else { return false }
        return prefixLength <= 64 || Self.agree(address.low, other.low, prefixLength - 64, of: 64)
    }

    private static func agree(_ a: UInt64, _ b: UInt64, _ count: Int, of width: Int) -> Bool {
        (a ^ b) >> UInt64(width - min(count, width)) == 0
    }
}
