// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A router that leads out of this machine's network.
package struct Gateway: Hashable, Sendable {
    package let address: IPAddress
    /// The interface, such as `eth0`.
    package let interface: String

    package init(address: IPAddress, interface: String) {
        self.address = address
        self.interface = interface
    }
}

/// Parses Linux's routing tables in text form (`/proc/net/route`, `/proc/net/ipv6_route`).
package enum RouteTable {
    private static let isUp: UInt32 = 1
    private static let hasGateway: UInt32 = 2

    /// Returns the default routes through a gateway, lowest metric first. Malformed lines are skipped.
    ///
    /// Addresses are 32-bit numbers in the processor's byte order: on little-endian ones the first byte is the lowest.
    package static func gateways(v4 text: String, isLittleEndian: Bool = true) -> [Gateway] {
        let routes = text.split(separator: "\n").dropFirst().compactMap { line -> (metric: UInt32, gateway: Gateway)? in
            let fields = line.split { $0 == "\t" || $0 == " " }
            guard fields.count >= 8, let destination = hexadecimal(fields[1]), let gateway = hexadecimal(fields[2]),
                let flags = hexadecimal(fields[3]), let metric = UInt32(fields[6]), let mask = hexadecimal(fields[7]),
                destination == 0, mask == 0, flags & isUp != 0, flags & hasGateway != 0, gateway != 0
            else { return nil }
            let address = IPAddress(v4: isLittleEndian ? gateway.byteSwapped : gateway)
            return (metric, Gateway(address: address, interface: String(fields[0])))
        }
        return sorted(routes)
    }

    /// Returns the default routes through an IPv6 gateway, lowest metric first. Reject routes have no gateway.
    package static func gateways(v6 text: String) -> [Gateway] {
        let routes = text.split(separator: "\n").compactMap { line -> (metric: UInt32, gateway: Gateway)? in
            let fields = line.split { $0 == "\t" || $0 == " " }
            guard fields.count >= 10, fields[0].allSatisfy({ $0 == "0" }), fields[1] == "00",
                let address = IPAddress(hexadecimal: fields[4]), let metric = hexadecimal(fields[5]),
                let flags = hexadecimal(fields[8]), flags & isUp != 0, flags & hasGateway != 0, !address.isUnspecified
            else { return nil }
            return (metric, Gateway(address: address, interface: String(fields[9])))
        }
        return sorted(routes)
    }

    private static func sorted(_ routes: [(metric: UInt32, gateway: Gateway)]) -> [Gateway] {
        let order = routes.indices.sorted { (routes[$0].metric, $0) < (routes[$1].metric, $1) }
        return order.map { routes[$0].gateway }
    }

    private static func hexadecimal(_ digits: Substring) -> UInt32? {
        digits.count == 8 || digits.count == 4 ? UInt32(digits, radix: 16) : nil
    }
}

extension IPAddress {
    /// Parses 32 hexadecimal digits.
    fileprivate init?(hexadecimal digits: Substring) {
        let middle = digits.index(digits.startIndex, offsetBy: 16, limitedBy: digits.endIndex)
        guard digits.utf8.count == 32, let middle, let high = UInt64(digits[..<middle], radix: 16),
            let low = UInt64(digits[middle...], radix: 16)
        else { return nil }
        self.init(v6High: high, low: low)
    }
}
