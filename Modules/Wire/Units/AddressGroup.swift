// SPDX-License-Identifier: Apache-2.0

/// An IPv4 address, or an IPv6 /64: the smallest block that a customer is assigned, and so what one party can use for
/// free.
package struct AddressGroup: Hashable, Sendable {
    private let bits: UInt64
    private let isIPv4: Bool

    /// The group that `address` is in.
    package init(_ address: IPAddress) {
        isIPv4 = address.isIPv4
        bits = address.isIPv4 ? address.low : address.high
    }
}

extension IPAddress {
    /// The address itself for IPv4, its /64 for IPv6.
    package var group: AddressGroup { AddressGroup(self) }
}
