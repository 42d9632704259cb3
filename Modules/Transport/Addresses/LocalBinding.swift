// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
public import RucheWire

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The local addresses, interface or proxy by which everything leaves, so that no traffic leaves any other way.
public struct LocalBinding: Hashable, Sendable {
    /// Local addresses, at most one per family. If empty, any is used; otherwise a family without an address is not
    /// used.
    public var addresses: [IPAddress]
    /// The interface, such as `wg0`. Linux may require a privilege for this; without it, sockets fail.
    public var interface: String?
    /// The proxy that all connections go through, and that resolves names. Datagrams go through it if it speaks SOCKS 5, and
    /// otherwise nowhere. No connections are accepted.
    public var proxy: ProxyRoute?

    /// By default nothing is restricted.
    public init(addresses: [IPAddress] = [], interface: String? = nil, proxy: ProxyRoute? = nil) {
        self.addresses = addresses
        self.interface = interface
        self.proxy = proxy
    }

    /// Returns the address to send from to reach `remote`; nil for any. Throws `.localBinding` if the binding lacks its
    /// family.
    package func source(for remote: IPAddress) throws(TransportError) -> IPAddress? {
        guard !addresses.isEmpty else { return nil }
        guard let match = addresses.first(where: { $0.isIPv4 == remote.isIPv4 }) else {
            throw TransportError(.localBinding, "reach \(remote) from the chosen address")
        }
        return match
    }

    /// Whether an address of the family of `remote` can be reached: directly, or by the proxy.
    package func canReach(_ remote: IPAddress) -> Bool {
        proxy != nil || addresses.isEmpty || addresses.contains { $0.isIPv4 == remote.isIPv4 }
    }

    /// The addresses to listen on, IPv4 first.
    var listening: [IPAddress] {
        guard addresses.isEmpty else { return addresses.sorted { $0.isIPv4 && !$1.isIPv4 } }
        return [IPAddress(v4: 0), IPAddress(v6High: 0, low: 0)]
    }
}

/// The socket option that binds a socket to one interface.
struct InterfaceOption: Sendable {
    let level: Int32
    let name: Int32
    let value: Value

    enum Value: Sendable {
        /// An interface's index (Darwin).
        case index(Int32)
        /// An interface's name (Linux).
        case name(NameField)
    }

    /// The system's fixed-size, zero-terminated field of 16 bytes.
    struct NameField: Sendable {
        private var first: UInt64 = 0
        private var second: UInt64 = 0
    }

    /// Throws `.localBinding` if there is no such interface.
    init(interface: String, isIPv4: Bool) throws(TransportError) {
        let index = if_nametoindex(interface)
        guard index != 0, interface.utf8.count < 16 else {
            throw TransportError(.localBinding, "use the interface \(interface)", systemError: errno)
        }
        #if canImport(Darwin)
        level = isIPv4 ? IPPROTO_IP : IPPROTO_IPV6
        name = isIPv4 ? IP_BOUND_IF : IPV6_BOUND_IF
        value = .index(Int32(clamping: index))
        #else
        level = SOL_SOCKET
        name = SO_BINDTODEVICE
        var field = NameField()
        withUnsafeMutableBytes(of: &field) { $0.copyBytes(from: interface.utf8) }
        value = .name(field)
        #endif
    }

    /// Sets the option on a descriptor of our own.
    func apply(to descriptor: Int32) throws(TransportError) {
        let result =
            switch value {
            case .index(let index): withUnsafeBytes(of: index) { set($0, on: descriptor) }
            case .name(let field): withUnsafeBytes(of: field) { set($0, on: descriptor) }
            }
        guard result == 0 else {
            throw TransportError(.localBinding, "bind a socket to an interface", systemError: errno)
        }
    }

    private func set(_ bytes: UnsafeRawBufferPointer, on descriptor: Int32) -> Int32 {
        setsockopt(descriptor, level, name, bytes.baseAddress, socklen_t(bytes.count))
    }

    /// Sets the option on an NIO channel, on its loop, before it is connected or bound.
    func apply(to channel: any Channel) -> EventLoopFuture<Void> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(
                TransportError(.localBinding, "bind a channel that has no socket to an interface")
            )
        }
        let level = NIOBSDSocket.OptionLevel(rawValue: level)
        let name = NIOBSDSocket.Option(rawValue: name)
        let isSet =
            switch value {
            case .index(let index): provider.unsafeSetSocketOption(level: level, name: name, value: index)
            case .name(let field): provider.unsafeSetSocketOption(level: level, name: name, value: field)
            }
        return isSet.flatMapErrorThrowing { error in
            throw TransportError(
                .localBinding,
                "bind a socket to an interface",
                systemError: (error as? IOError)?.errnoCode
            )
        }
    }
}
