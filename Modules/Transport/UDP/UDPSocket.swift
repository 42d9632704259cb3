// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import NIOPosix
public import RucheWire

/// Sends and receives datagrams on one loop, over one address family.
///
/// Owner: whoever bound it, which closes it. Datagrams may be lost: nothing here retries.
public final class UDPSocket: Sendable {
    /// Which addresses a socket reaches.
    public enum Family: Sendable {
        /// IPv4 only.
        case ipv4
        /// IPv6 only.
        case ipv6

        /// The family that reaches `address`.
        public init(of address: IPAddress) { self = address.isIPv4 ? .ipv4 : .ipv6 }

        fileprivate var unspecified: IPAddress {
            switch self {
            case .ipv4: IPAddress(v4: 0)
            case .ipv6: IPAddress(v6High: 0, low: 0)
            }
        }
    }

    /// Called on the socket's loop for each datagram, with its sender.
    public typealias Receive = @Sendable (_ from: PeerEndpoint, _ datagram: ByteBuffer) -> Void

    /// The loop on which datagrams are received.
    public var loop: any EventLoop { channel.eventLoop }
    /// Where it is bound.
    public let local: PeerEndpoint

    private let channel: any Channel

    private init(channel: any Channel, local: PeerEndpoint) {
        self.channel = channel
        self.local = local
    }

    /// Binds a socket on `loop`, one of the runtime's; port 0 takes any.
    ///
    /// Fails with `.localBinding` where the address, port or interface is not to be had. What is longer than
    /// `TransportLimits.datagramBytes` arrives cut.
    public static func bind(
        _ family: Family,
        port: UInt16 = 0,
        binding: LocalBinding = .init(),
        on loop: any EventLoop,
        limits: TransportLimits = .init(),
        receive: @escaping Receive
    ) -> EventLoopFuture<UDPSocket> {
        do throws(TransportError) {
            let address = try binding.source(for: family.unspecified) ?? family.unspecified
            let option = try binding.interface.map { name throws(TransportError) in
                try InterfaceOption(interface: name, isIPv4: address.isIPv4)
            }
            return bootstrap(on: loop, limits: limits)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(DatagramHandler(receive))
                    }.flatMap { option?.apply(to: channel) ?? channel.eventLoop.makeSucceededVoidFuture() }
                }
                .bind(to: SocketAddress(PeerEndpoint(address: address, port: port)))
                .flatMapThrowing { channel in
                    guard let local = channel.localAddress.flatMap(PeerEndpoint.init) else {
                        throw TransportError(.localBinding, "bind a datagram socket")
                    }
                    return UDPSocket(channel: channel, local: local)
                }
                .flatMapErrorThrowing { error in throw TransportError(error, "bind a datagram socket") }
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    /// Sends one datagram, from any loop. The future says that the system took it, not that it arrived.
    @discardableResult
    public func send(_ datagram: ByteBuffer, to remote: PeerEndpoint) -> EventLoopFuture<Void> {
        channel.writeAndFlush(AddressedEnvelope(remoteAddress: SocketAddress(remote), data: datagram))
            .flatMapErrorThrowing { error in throw TransportError(error, "send a datagram to \(remote)") }
    }

    /// Closes the socket; nothing is received afterwards.
    @discardableResult
    public func close() -> EventLoopFuture<Void> {
        channel.close().flatMapErrorThrowing { error in
            guard case ChannelError.alreadyClosed = error else { throw TransportError(error, "close a socket") }
        }
    }

    private static func bootstrap(on loop: any EventLoop, limits: TransportLimits) -> DatagramBootstrap {
        DatagramBootstrap(group: loop)
            .channelOption(
                ChannelOptions.recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(capacity: limits.datagramBytes)
            )
    }
}

/// Hands datagrams on; what goes wrong with one is no matter of the others.
private final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let receive: UDPSocket.Receive

    init(_ receive: @escaping UDPSocket.Receive) { self.receive = receive }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let sender = PeerEndpoint(envelope.remoteAddress) else { return }
        receive(sender, envelope.data)
    }

    // An error of one destination, such as an ICMP refusal, must not close the socket for all.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
