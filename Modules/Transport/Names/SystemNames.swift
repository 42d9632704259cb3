// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The system's blocking resolver.
enum SystemNames {
    /// Returns the distinct addresses of `name`, none if the system knows of none. Blocks as long as the system's
    /// resolver does.
    static func resolve(_ name: String) -> NameLookup.Answer {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        // Without a socket type, each address would be listed once per type.
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var first: UnsafeMutablePointer<addrinfo>?
        errno = 0
        let status = getaddrinfo(name, nil, &hints, &first)
        let number = errno
        guard status == 0 else {
            let isOut = number == EMFILE || number == ENFILE || isOutOfDescriptors()
            return failure(status, errno: number, name, isOutOfDescriptors: isOut)
        }
        defer { freeaddrinfo(first) }
        var addresses: [IPAddress] = []
        var entry = first
        while let current = entry?.pointee {
            if let address = address(of: current), !addresses.contains(address) { addresses.append(address) }
            entry = current.ai_next
        }
        return .success(addresses)
    }

    /// Returns the failure that a nonzero status means for `name`, if it means one.
    static func failure(
        _ status: Int32,
        errno number: Int32,
        _ name: String,
        isOutOfDescriptors: Bool
    ) -> NameLookup.Answer {
        // If no descriptor is left for a file or socket, glibc reports every name as unknown.
        if status == EAI_MEMORY || isOutOfDescriptors { return .failure(TransportError(.exhausted, "look up \(name)")) }
        switch status {
        case EAI_SYSTEM: return .failure(TransportError(errno: number, "look up \(name)"))
        case EAI_AGAIN: return .failure(TransportError(.timeout, "look up \(name)"))
        default: return .success([])
        }
    }

    private static func isOutOfDescriptors() -> Bool {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor < 0 else {
            close(descriptor)
            return false
        }
        return errno == EMFILE || errno == ENFILE
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
