// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The system's resolver, which blocks.
enum SystemNames {
    /// The addresses of `name`, each once; blocks for as long as the system's resolver does.
    static func resolve(_ name: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        // Without a kind of socket each address comes once for each of them.
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &first) == 0 else { return [] }
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
