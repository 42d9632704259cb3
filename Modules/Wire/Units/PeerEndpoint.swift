// SPDX-License-Identifier: Apache-2.0

/// An IP address and a port, at which a peer, tracker or node can be reached.
public struct PeerEndpoint: Hashable, Sendable {
    /// The IP address.
    public var address: IPAddress
    /// The port, in host order.
    public var port: UInt16

    /// Creates an endpoint.
    public init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }
}

/// An IPv4 or IPv6 address. An IPv4-mapped IPv6 address is stored as IPv4, so that each host has a single form.
public struct IPAddress: Hashable, Sendable {
    /// The upper 64 bits of an IPv6 address; 0 for IPv4.
    package let high: UInt64
    /// The lower 64 bits of an IPv6 address, or the 32 bits of an IPv4 address.
    package let low: UInt64
    /// Whether this is an IPv4 address.
    public let isIPv4: Bool

    /// Creates an IPv4 address from a number with the first byte most significant: 127.0.0.1 is 0x7f000001.
    public init(v4: UInt32) {
        high = 0
        low = UInt64(v4)
        isIPv4 = true
    }

    /// Creates an IPv6 address from its upper and lower half. `::ffff:a.b.c.d` becomes IPv4.
    public init(v6High: UInt64, low: UInt64) {
        let isMapped = v6High == 0 && low >> 32 == 0xffff
        high = v6High
        self.low = isMapped ? low & 0xffff_ffff : low
        isIPv4 = isMapped
    }

    /// Whether this is in 127.0.0.0/8, or ::1.
    public var isLoopback: Bool { isIPv4 ? low >> 24 == 127 : high == 0 && low == 1 }

    /// Whether this is 0.0.0.0 or ::.
    public var isUnspecified: Bool { high == 0 && low == 0 }

    /// Whether this is in 224.0.0.0/4 or ff00::/8.
    public var isMulticast: Bool { isIPv4 ? low >> 28 == 0xe : high >> 56 == 0xff }
}
