// SPDX-License-Identifier: Apache-2.0

/// From where an address can be reached.
extension IPAddress {
    /// Whether this is a loopback or the unspecified address, which also reaches this machine.
    package var isThisMachine: Bool {
        if isLoopback || isUnspecified { return true }
        return embedded?.isThisMachine ?? false
    }

    /// Whether this is this machine, or in a network that is not reachable from everywhere: RFC 1918, RFC 3927, RFC
    /// 6598, RFC 4193, RFC 4291.
    package var isPrivate: Bool {
        if isThisMachine { return true }
        if let embedded { return embedded.isPrivate }
        guard isIPv4 else { return high >> 57 == 0xfc >> 1 || high >> 54 == 0xfe80 >> 6 }
        return low >> 24 == 10 || low >> 24 == 127 || low >> 24 == 0 || low >> 20 == 0xac1 || low >> 16 == 0xc0a8
            || low >> 16 == 0xa9fe || low >> 22 == 0x6440 >> 6
    }

    /// Whether this is in 0.0.0.0/8 or 240.0.0.0/4, which contain no hosts to dial (RFC 1122 section 3.2.1.3, RFC 1112
    /// section 4).
    package var isReserved: Bool { isIPv4 && (low >> 24 == 0 || low >> 28 == 0xf) }

    /// The IPv4 address that a translator reaches through this one (RFC 6052's well-known prefix, RFC 3056).
    private var embedded: IPAddress? {
        guard !isIPv4 else { return nil }
        if high == 0x0064_ff9b_0000_0000 { return IPAddress(v4: UInt32(truncatingIfNeeded: low)) }
        if high >> 48 == 0x2002 { return IPAddress(v4: UInt32(truncatingIfNeeded: high >> 16)) }
        return nil
    }
}
