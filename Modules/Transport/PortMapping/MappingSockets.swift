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
    private let direct: any Channel
    private let search: any Channel

    /// Receives what arrives at the sockets, on their loop.
    struct Ears: Sendable {
        let handleDatagram: @Sendable (ByteBuffer, PeerEndpoint) -> Void
        let handleUnreachable: @Sendable () -> Void
        let handleSearchAnswer: @Sendable (ByteBuffer, PeerEndpoint) -> Void
    }

    /// Opens both, bound to the address from which the system reaches the gateway.
    static func open(
        to gateway: IPAddress,
        _ binding: LocalBinding,
        on loop: any EventLoop,
        _ ears: Ears
    ) async throws(TransportError) -> MappingSockets {
        let action = "ask the router \(gateway)"
        let source = try binding.source(for: gateway)
        let option = try binding.interface.map { name throws(TransportError) in
            try InterfaceOption(interface: name, isIPv4: true)
        }
        let remote = PeerEndpoint(address: gateway, port: GatewayMapper.port)
        do {
            let direct = try await open(on: loop, option, ears.handleDatagram, ears.handleUnreachable) { bootstrap in
                bootstrap.bind(to: SocketAddress(PeerEndpoint(address: source ?? IPAddress(v4: 0), port: 0)))
            }
            do {
                let client = try await connect(direct, to: remote)
                let search = try await open(on: loop, option, ears.handleSearchAnswer, {}) { bootstrap in
                    bootstrap.bind(to: SocketAddress(PeerEndpoint(address: client, port: 0)))
                }
                await prefer(client, on: search)
                return MappingSockets(gateway: remote, client: client, direct: direct, search: search)
            } catch {
                try? await direct.close()
                throw error
            }
        } catch {
            throw TransportError(error, action)
        }
    }

    func send(_ datagram: ByteBuffer) {
        direct.writeAndFlush(AddressedEnvelope(remoteAddress: SocketAddress(gateway), data: datagram), promise: nil)
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

    /// Returns our address on the route to `remote`.
    private static func connect(_ channel: any Channel, to remote: PeerEndpoint) async throws -> IPAddress {
        try await channel.connect(to: SocketAddress(remote)).get()
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
