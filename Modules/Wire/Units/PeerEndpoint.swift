// SPDX-License-Identifier: Apache-2.0

/// An IP address and a port: where a peer, a tracker or a node is reached.
public struct PeerEndpoint: Hashable, Sendable {
    /// The address.
    public var address: IPAddress
    /// The port, in host order.
    public var port: UInt16

    /// An endpoint from its parts.
    public init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }
}

/// An IPv4 or IPv6 address. An IPv4-mapped IPv6 address is held as IPv4, so that one host has one form.
public struct IPAddress: Hashable, Sendable {
    /// 32 bits in `low` for IPv4, 128 bits for IPv6; most significant bits first.
    public let high: UInt64
    /// See `high`.
    public let low: UInt64
    /// Whether this is an IPv4 address.
    public let isIPv4: Bool

    /// An IPv4 address, most significant byte first: 127.0.0.1 is 0x7f000001.
    public init(v4: UInt32) {
        high = 0
        low = UInt64(v4)
        isIPv4 = true
    }

    /// An IPv6 address by halves, most significant first; `::ffff:a.b.c.d` becomes IPv4.
    public init(v6High: UInt64, low: UInt64) {
        let isMapped = v6High == 0 && low >> 32 == 0xffff
        high = v6High
        self.low = isMapped ? low & 0xffff_ffff : low
        isIPv4 = isMapped
    }

    /// 127.0.0.0/8 or ::1.
    public var isLoopback: Bool { isIPv4 ? low >> 24 == 127 : high == 0 && low == 1 }

    /// 0.0.0.0 or ::.
    public var isUnspecified: Bool { high == 0 && low == 0 }

    /// 224.0.0.0/4 or ff00::/8.
    public var isMulticast: Bool { isIPv4 ? low >> 28 == 0xe : high >> 56 == 0xff }
}
