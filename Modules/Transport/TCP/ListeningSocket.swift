// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

#if canImport(Darwin)
internal import Darwin
private let streamType = SOCK_STREAM
#elseif canImport(Glibc)
internal import Glibc
private let streamType = Int32(SOCK_STREAM.rawValue)
#elseif canImport(Musl)
internal import Musl
private let streamType = SOCK_STREAM
#endif

/// A listening TCP socket: non-blocking, closed on exec, of one address family.
///
/// Owner: `AcceptLoop`, which closes it.
struct ListeningSocket: Sendable {
    let descriptor: Int32
    /// The local endpoint, with the port that was actually bound.
    let endpoint: PeerEndpoint

    /// Binds and listens; port 0 chooses any. Throws `.localBinding` if the endpoint is not available.
    init(_ wanted: PeerEndpoint, interface: String?, backlog: Int) throws(TransportError) {
        let family = wanted.address.isIPv4 ? AF_INET : AF_INET6
        descriptor = socket(family, streamType, 0)
        guard descriptor >= 0 else { throw TransportError(errno: errno, "open a socket to listen on \(wanted)") }
        do {
            endpoint = try Self.bind(descriptor, to: wanted, interface: interface, backlog: backlog)
        } catch {
            Descriptor.close(descriptor)
            throw error
        }
    }

    private static func bind(
        _ descriptor: Int32,
        to wanted: PeerEndpoint,
        interface: String?,
        backlog: Int
    ) throws(TransportError) -> PeerEndpoint {
        let action = "listen on \(wanted)"
        Descriptor.setNonBlockingCloseOnExec(descriptor)
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        if !wanted.address.isIPv4 {
            // Each family has its own socket, so an IPv4 peer never appears as a mapped address.
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, size)
        }
        if let interface {
            try InterfaceOption(interface: interface, isIPv4: wanted.address.isIPv4).apply(to: descriptor)
        }
        let isBound = SocketAddress(wanted).withSockAddr { address, length in
            systemBind(descriptor, address, socklen_t(length))
        }
        guard isBound == 0, listen(descriptor, Int32(clamping: backlog)) == 0 else {
            throw TransportError(errno: errno, action)
        }
        var storage = sockaddr_storage()
        guard Descriptor.readAddress(into: &storage, { getsockname(descriptor, $0, $1) }) == 0,
            let endpoint = PeerEndpoint(storage)
        else { throw TransportError(errno: errno, action) }
        return endpoint
    }

    /// The result of `accept`.
    enum Accepted {
        case connection(Int32, from: PeerEndpoint)
        /// No connection is waiting.
        case none
        /// A connection was lost before it was accepted; continue.
        case lost
        /// Descriptors or memory have run out; wait a little.
        case exhausted
    }

    /// Accepts the next waiting connection, non-blocking and closed on exec. Never blocks.
    func accept() -> Accepted {
        var storage = sockaddr_storage()
        let accepted = Descriptor.readAddress(into: &storage) { address, length in
            systemAccept(descriptor, address, length)
        }
        guard accepted >= 0 else {
            return switch errno {
            case EAGAIN, EWOULDBLOCK: .none
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: .exhausted
            case EBADF, EINVAL, ENOTSOCK: .none
            default: .lost
            }
        }
        Descriptor.setNonBlockingCloseOnExec(accepted)
        guard let remote = PeerEndpoint(storage) else {
            Descriptor.close(accepted)
            return .lost
        }
        return .connection(accepted, from: remote)
    }
}

// Inside the type, its own names would hide the system's.
private func systemBind(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    bind(descriptor, address, length)
}

private func systemAccept(
    _ descriptor: Int32,
    _ address: UnsafeMutablePointer<sockaddr>,
    _ length: UnsafeMutablePointer<socklen_t>
) -> Int32 {
    accept(descriptor, address, length)
}
