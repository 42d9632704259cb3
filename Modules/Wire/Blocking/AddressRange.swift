// SPDX-License-Identifier: Apache-2.0

/// All addresses of one family from a first to a last one.
public struct AddressRange: Hashable, Sendable {
    /// The first address.
    public let first: IPAddress
    /// The last address.
    public let last: IPAddress

    /// Creates a range; nil if the addresses are of different families, or `last` comes before `first`.
    public init?(first: IPAddress, last: IPAddress) {
        guard first.isIPv4 == last.isIPv4, first.number <= last.number else { return nil }
        self.first = first
        self.last = last
    }

    /// Creates the range of all addresses that begin with the first `prefixLength` bits of `address`; nil if `address` has
    /// fewer bits.
    public init?(_ address: IPAddress, prefixLength: Int) {
        let bitCount = address.isIPv4 ? 32 : 128
        guard (0...bitCount).contains(prefixLength) else { return nil }
        let rest: UInt128 = prefixLength == bitCount ? 0 : .max >> (128 - bitCount + prefixLength)
        first = IPAddress(number: address.number & ~rest, isIPv4: address.isIPv4)
        last = IPAddress(number: address.number | rest, isIPv4: address.isIPv4)
    }
}

extension IPAddress {
    /// The address as a number, the first byte most significant.
    var number: UInt128 { UInt128(high) << 64 | UInt128(low) }

    /// Creates the address of a family with this number.
    fileprivate init(number: UInt128, isIPv4: Bool) {
        let low = UInt64(truncatingIfNeeded: number)
        self =
            isIPv4
            ? IPAddress(v4: UInt32(truncatingIfNeeded: low))
            : IPAddress(v6High: UInt64(truncatingIfNeeded: number >> 64), low: low)
    }
}
