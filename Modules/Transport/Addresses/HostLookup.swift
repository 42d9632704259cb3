// SPDX-License-Identifier: Apache-2.0

internal import NIOPosix
public import RucheWire

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Asks the system for the addresses of hosts' names, on threads of its own kind, since the question blocks.
///
/// The system's resolver knows nothing of `LocalBinding`: the question itself may leave by any way.
public enum HostLookup {
    /// Where `host` is reached, in the system's order of preference; `port` is put in. An address in text, with or
    /// without brackets, is itself. Empty where the name is not known, or nobody answers.
    public static func endpoints(host: String, port: UInt16) async -> [PeerEndpoint] {
        if let address = IPAddress(unbracketed(host)) { return [PeerEndpoint(address: address, port: port)] }
        let addresses = try? await NIOThreadPool.singleton.runIfActive { resolve(host) }
        return addresses?.map { PeerEndpoint(address: $0, port: port) } ?? []
    }

    private static func unbracketed(_ host: String) -> Substring {
        host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host[...]
    }

    /// Blocks for as long as the system's resolver does.
    private static func resolve(_ host: String) -> [IPAddress] {
        // A zero inside would cut the name short, and ask for another host.
        guard !host.isEmpty, !host.utf8.contains(0) else { return [] }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        // Without a kind of socket each address comes once for each of them.
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var addresses: [IPAddress] = []
        var entry = first
        while let current = entry?.pointee {
            if let address = address(of: current), !addresses.contains(address) { addresses.append(address) }
            entry = current.ai_next
        }
        return addresses
    }

    private static func address(of entry: addrinfo) -> IPAddress? {
        guard let bytes = entry.ai_addr else { return nil }
        let raw = UnsafeRawPointer(bytes)
        switch entry.ai_family {
        case AF_INET: return PeerEndpoint(raw.loadUnaligned(as: sockaddr_in.self)).address
        case AF_INET6: return PeerEndpoint(raw.loadUnaligned(as: sockaddr_in6.self)).address
        default: return nil
        }
    }
}
