// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import RucheWire

/// One family's socket of a `UDPPort`.
///
/// Owner: the port. Call `write` and `flush` on its loop.
struct UDPPortSocket: Sendable {
    let local: PeerEndpoint

    private let channel: any Channel
    private let services: DatagramServices

    /// Binds a socket to `endpoint`; port 0 chooses any.
    static func open(
        _ endpoint: PeerEndpoint,
        _ binding: LocalBinding,
        _ services: DatagramServices,
        on loop: any EventLoop,
        _ limits: TransportLimits
    ) async throws(TransportError) -> UDPPortSocket {
        let action = "bind UDP to \(endpoint)"
        let isIPv4 = endpoint.address.isIPv4
        var interface: InterfaceOption?
        if let name = binding.interface { interface = try InterfaceOption(interface: name, isIPv4: isIPv4) }
        do {
            let channel = try await bootstrap(on: loop, isIPv4: isIPv4, limits)
                .channelInitializer { [interface] channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(UDPPortHandler(services))
                    }.flatMap { interface?.apply(to: channel) ?? channel.eventLoop.makeSucceededVoidFuture() }
                }
                .bind(to: SocketAddress(endpoint)).get()
            guard let local = channel.localAddress.flatMap(PeerEndpoint.init) else {
                try? await channel.close()
                throw TransportError(.localBinding, action)
            }
            return UDPPortSocket(local: local, channel: channel, services: services)
        } catch {
            throw TransportError(error, action)
        }
    }

    /// Queues `letter`, split into the writes that the system accepts. It is dropped if the queue is full.
    func write(_ letter: UDPPort.Letter) {
        guard channel.isWritable else { return }
        let remote = SocketAddress(letter.remote)
        guard let segmentBytes = letter.segmentBytes else {
            let envelope = AddressedEnvelope(remoteAddress: remote, data: letter.bytes)
            return channel.write(envelope).whenFailure { [services] error in
                services.handleUnsendable(to: letter.remote, TransportError(error, "send to \(letter.remote)"))
            }
        }
        let hasOffload = System.supportsUDPSegmentationOffload
        var cuts = DatagramCuts(letter.bytes, segmentBytes: segmentBytes, hasOffload: hasOffload)
        while let (bytes, segmentBytes) = cuts.next() {
            let metadata = segmentBytes.map { bytes in
                AddressedEnvelope<ByteBuffer>.Metadata(
                    ecnState: .transportNotCapable,
                    packetInfo: nil,
                    segmentSize: bytes
                )
            }
            channel.write(AddressedEnvelope(remoteAddress: remote, data: bytes, metadata: metadata), promise: nil)
        }
    }

    func flush() { channel.flush() }

    func close() async { try? await channel.close() }

    private static func bootstrap(on loop: any EventLoop, isIPv4: Bool, _ limits: TransportLimits) -> DatagramBootstrap
    {
        let vector = limits.datagramReadBatch
        let water = ChannelOptions.Types.WriteBufferWaterMark(
            low: limits.datagramSendBytes / 2,
            high: limits.datagramSendBytes
        )
        var bootstrap = DatagramBootstrap(group: loop)
            // Joined datagrams fill up to 64 KiB; a smaller buffer would truncate them without an error.
            .channelOption(
                ChannelOptions.recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(capacity: vector * 65_536)
            )
            .channelOption(ChannelOptions.datagramVectorReadMessageCount, value: vector)
            .channelOption(ChannelOptions.writeBufferWaterMark, value: water)
            .channelOption(ChannelOptions.socketOption(.so_rcvbuf), value: limits.datagramKernelBytes)
            .channelOption(ChannelOptions.socketOption(.so_sndbuf), value: limits.datagramKernelBytes)
        if !isIPv4 {
            bootstrap = bootstrap.channelOption(
                ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only),
                value: 1
            )
        }
        guard System.supportsUDPReceiveOffload else { return bootstrap }
        return
            bootstrap
            .channelOption(ChannelOptions.datagramReceiveOffload, value: true)
            .channelOption(ChannelOptions.datagramReceiveSegmentSize, value: true)
    }
}

/// Passes datagrams on, one read at a time.
private final class UDPPortHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let services: DatagramServices

    init(_ services: DatagramServices) { self.services = services }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let sender = PeerEndpoint(envelope.remoteAddress) else { return }
        services.handleRead(Datagram(envelope.data, from: sender, segmentBytes: envelope.metadata?.segmentSize))
    }

    func channelReadComplete(context: ChannelHandlerContext) { services.handleReadComplete() }

    // A problem with one destination, such as an ICMP refusal, must not close the socket for all.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
