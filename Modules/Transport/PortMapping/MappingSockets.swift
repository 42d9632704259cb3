// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import RucheWire

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The two sockets of a `PortMapper`: one connected to the gateway, so the system drops datagrams from others, and one
/// that searches for UPnP devices from the same address.
///
/// Owner: `PortMapper`; both live on its loop.
struct MappingSockets: Sendable {
    let gateway: PeerEndpoint
    let client: IPAddress
    private let remote: SocketAddress
    private let direct: any Channel
    private let search: any Channel

    /// An address of the Internet. Nothing is sent there: it tells our own address on the way.
    private static let faraway = PeerEndpoint(address: IPAddress(v6High: 0x2600_0000_0000_0000, low: 1), port: 9)

    /// Receives what arrives at the sockets, on their loop.
    struct Ears: Sendable {
        let handleDatagram: @Sendable (ByteBuffer, PeerEndpoint) -> Void
        let handleUnreachable: @Sendable () -> Void
        let handleSearchAnswer: @Sendable (ByteBuffer, PeerEndpoint) -> Void
    }

    /// Opens both, bound to the address from which the system reaches the gateway; over IPv6, where the gateway has an
    /// address of the link, to the one from which it reaches the Internet.
    static func open(
        to gateway: Gateway,
        _ binding: LocalBinding,
        on loop: any EventLoop,
        _ ears: Ears
    ) async throws(TransportError) -> MappingSockets {
        let action = "ask the router \(gateway.address)"
        let isIPv4 = gateway.address.isIPv4
        let option = try binding.interface.map { name throws(TransportError) in
            try InterfaceOption(interface: name, isIPv4: isIPv4)
        }
        let endpoint = PeerEndpoint(address: gateway.address, port: GatewayMapper.port)
        do {
            var source = try binding.source(for: gateway.address)
            if !isIPv4, source == nil { source = try await findSource(on: loop, option) }
            let local = PeerEndpoint(address: source ?? IPAddress(v4: 0), port: 0)
            let remote = try SocketAddress(endpoint, on: gateway.interface)
            let direct = try await open(on: loop, option, ears.handleDatagram, ears.handleUnreachable) { bootstrap in
                bootstrap.bind(to: SocketAddress(local))
            }
            do {
                let client = try await connect(direct, to: remote)
                let search = try await open(on: loop, option, ears.handleSearchAnswer, {}) { bootstrap in
                    bootstrap.bind(to: SocketAddress(PeerEndpoint(address: client, port: 0)))
                }
                if isIPv4 { await prefer(client, on: search) }
                return MappingSockets(
                    gateway: endpoint,
                    client: client,
                    remote: remote,
                    direct: direct,
                    search: search
                )
            } catch {
                try? await direct.close()
                throw error
            }
        } catch {
            throw TransportError(error, action)
        }
    }

    func send(_ datagram: ByteBuffer) {
        direct.writeAndFlush(AddressedEnvelope(remoteAddress: remote, data: datagram), promise: nil)
    }

    func search(_ datagram: ByteBuffer, at endpoint: PeerEndpoint) {
        search.writeAndFlush(AddressedEnvelope(remoteAddress: SocketAddress(endpoint), data: datagram), promise: nil)
    }

    func close() async {
        try? await direct.close()
        try? await search.close()
    }

    private static func open(
        on loop: any EventLoop,
        _ option: InterfaceOption?,
        _ handleDatagram: @escaping @Sendable (ByteBuffer, PeerEndpoint) -> Void,
        _ handleError: @escaping @Sendable () -> Void,
        _ bind: (DatagramBootstrap) -> EventLoopFuture<any Channel>
    ) async throws -> any Channel {
        let bootstrap = DatagramBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramHandler(handleDatagram, handleError))
                }.flatMap { option?.apply(to: channel) ?? channel.eventLoop.makeSucceededVoidFuture() }
            }
        return try await bind(bootstrap).get()
    }

    /// Returns our IPv6 address on the route to the Internet.
    private static func findSource(on loop: any EventLoop, _ option: InterfaceOption?) async throws -> IPAddress {
        let probe = try await open(on: loop, option, { _, _ in }, {}) { bootstrap in
            bootstrap.bind(to: SocketAddress(PeerEndpoint(address: IPAddress(v6High: 0, low: 0), port: 0)))
        }
        do {
            let source = try await connect(probe, to: SocketAddress(faraway))
            try await probe.close()
            return source
        } catch {
            try? await probe.close()
            throw error
        }
    }

    /// Returns our address on the route to `remote`.
    private static func connect(_ channel: any Channel, to remote: SocketAddress) async throws -> IPAddress {
        try await channel.connect(to: remote).get()
        let local = try await channel.eventLoop.submit { channel.localAddress.flatMap(PeerEndpoint.init) }.get()
        guard let local, !local.address.isUnspecified else {
            throw TransportError(.localBinding, "find the address towards \(remote)")
        }
        return local.address
    }

    /// Makes multicast leave by the interface that has `client`, and cross at most one router.
    private static func prefer(_ client: IPAddress, on channel: any Channel) async {
        guard let provider = channel as? any SocketOptionProvider else { return }
        var address = in_addr()
        address.s_addr = UInt32(truncatingIfNeeded: client.low).bigEndian
        try? await provider.setIPMulticastIF(address).get()
        try? await provider.setIPMulticastTTL(2).get()
    }
}

extension SocketAddress {
    /// Converts an endpoint. An IPv6 address of a link is only reached on `interface`.
    fileprivate init(_ endpoint: PeerEndpoint, on interface: String) throws(TransportError) {
        let plain = SocketAddress(endpoint)
        guard case .v6(let v6) = plain else {
            self = plain
            return
        }
        let index = if_nametoindex(interface)
        guard index != 0 else {
            throw TransportError(.localBinding, "use the interface \(interface)", systemError: errno)
        }
        var scoped = v6.address
        scoped.sin6_scope_id = index
        self.init(scoped)
    }
}
