// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The routers on this machine's default routes, according to the system. Linux only; elsewhere there are none.
enum DefaultRoute {
    /// Returns IPv4 routers, the preferred one first. Reads a system file: call it on a thread that may block.
    static func gateways() -> [Gateway] {
        RouteTable.gateways(v4: read("/proc/net/route"), isLittleEndian: UInt16(1).littleEndian == 1)
    }

    /// Returns IPv6 routers, the preferred one first. Reads a system file, as `gateways()` does.
    static func gateways6() -> [Gateway] { RouteTable.gateways(v6: read("/proc/net/ipv6_route")) }

    /// Reads at most 256 KiB, about 2,000 routes.
    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 256 * 1024)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
