// SPDX-License-Identifier: Apache-2.0

/// The compact forms of an endpoint: the address, then the port, both in network byte order.
package enum CompactForm: Int, Hashable, Sendable {
    /// 4 bytes of address and 2 of port (BEP 23).
    case v4 = 6
    /// 16 bytes of address and 2 of port (BEP 7).
    case v6 = 18

    /// The size of an endpoint in bytes.
    package var byteCount: Int { rawValue }
}

extension IPAddress {
    /// Parses 4 or 16 bytes in network byte order; nil for any other length. An IPv4-mapped address becomes IPv4.
    public init?(compact bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self.init(v4: bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            let high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            let low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
            self.init(v6High: high, low: low)
        default: return nil
        }
    }

    /// The address in network byte order: 4 bytes for IPv4, 16 for IPv6.
    public var compactBytes: [UInt8] {
        let all = [high, low].flatMap { half in
            (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * $0)) }
        }
        return isIPv4 ? Array(all.suffix(4)) : all
    }
}

extension PeerEndpoint {
    /// Parses 6 or 18 bytes; nil for any other length.
    public init?(compact bytes: some Collection<UInt8>) {
        guard bytes.count > 2, let address = IPAddress(compact: bytes.dropLast(2)) else { return nil }
        self.init(address: address, port: bytes.suffix(2).reduce(0) { $0 << 8 | UInt16($1) })
    }

    /// The endpoint in compact form: 6 bytes for IPv4, 18 for IPv6.
    public var compactBytes: [UInt8] {
        address.compactBytes + [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)]
    }

    /// The compact form for this endpoint's address family.
    package var compactForm: CompactForm { address.isIPv4 ? .v4 : .v6 }

    /// Parses up to `limit` endpoints from `bytes`; nil if the length is not a multiple of the size of an endpoint.
    package static func list(compact bytes: some Collection<UInt8>, form: CompactForm, limit: Int) -> [PeerEndpoint]? {
        guard bytes.count.isMultiple(of: form.byteCount) else { return nil }
        var rest = bytes[...]
        var endpoints: [PeerEndpoint] = []
        while endpoints.count < limit, !rest.isEmpty {
            guard let endpoint = PeerEndpoint(compact: rest.prefix(form.byteCount)) else { return nil }
            endpoints.append(endpoint)
            rest = rest.dropFirst(form.byteCount)
        }
        return endpoints
    }
}

extension Sequence<PeerEndpoint> {
    /// The endpoints of `form`'s address family in compact form, concatenated.
    package func compactBytes(_ form: CompactForm) -> [UInt8] {
        filter { $0.compactForm == form }.flatMap(\.compactBytes)
    }
}
