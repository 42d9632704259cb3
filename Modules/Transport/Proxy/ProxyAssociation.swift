// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// The connection to a SOCKS proxy for as long as which it relays our datagrams (RFC 1928 section 7). A lost one is opened
/// again, after a time that doubles with each failure.
/// ```
/// idle ──▶ opening ──▶ open
///   ▲         │         │
///   └─────────┴─────────┘ lost: again after a while
/// ```
/// Owner: `ProxiedDatagramPort`; confined to its loop.
final class ProxyAssociation: Sendable {
    private static let firstPause = Interval.seconds(1)
    private static let longestPause = Interval.minutes(5)
    /// Time for the connection, and for the handshake.
    private static let timeout = Interval.seconds(5)

    private struct State {
        var relay: PeerEndpoint?
        var channel: (any Channel)?
        var failureCount: Int64 = 0
        var isClosed = false
    }

    private let route: ProxyRoute
    private let dialer: StreamDialer
    private let loop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    /// Creates an association by `route`, whose connection leaves by `binding`.
    init(_ route: ProxyRoute, from binding: LocalBinding, on loop: any EventLoop) {
        self.route = route
        self.loop = loop
        var direct = binding
        direct.proxy = nil
        dialer = StreamDialer(binding: direct)
        state = .makeBoxSendingValue(State(), eventLoop: loop)
    }

    /// Where to send datagrams, and where those for us come from; nil while there is no association.
    var relay: PeerEndpoint? { state.value.relay }

    /// Opens the association, and completes once that has succeeded or failed.
    func open() -> EventLoopFuture<Void> {
        let handshake = SOCKSHandshake(associatingWith: route.login)
        let connector = ProxyConnector(handshake, to: "\(route.endpoint)", timeout: Self.timeout, on: loop)
        let watch = AssociationWatch { [weak self] in self?.handleLoss() }
        return dialer.connect(to: route.endpoint, on: loop, timeout: Self.timeout) { channel in
            try channel.pipeline.syncOperations.addHandlers([connector, watch])
        }
        .flatMap { channel in connector.opened.map { channel } }
        .map { [self] channel in handleOpened(channel, (connector.handshake as? SOCKSHandshake)?.bound) }
        .recover { [self] _ in retry() }
    }

    /// Closes it for good.
    func close() {
        loop.execute { [self] in
            state.value.isClosed = true
            state.value.relay = nil
            state.value.channel?.close(promise: nil)
        }
    }

    // MARK: - On the loop

    private func handleOpened(_ channel: any Channel, _ bound: PeerEndpoint?) {
        guard !state.value.isClosed, let bound, bound.port != 0 else {
            channel.close(promise: nil)
            return
        }
        // A proxy that does not say on which of its addresses it relays does so on the one that was dialled.
        let address = bound.address.isUnspecified ? route.endpoint.address : bound.address
        state.value.relay = PeerEndpoint(address: address, port: bound.port)
        state.value.channel = channel
        state.value.failureCount = 0
        try? StreamDialer.startReading(channel)
    }

    private func handleLoss() {
        state.value.relay = nil
        state.value.channel = nil
        retry()
    }

    private func retry() {
        guard !state.value.isClosed else { return }
        state.value.failureCount = min(state.value.failureCount + 1, 16)
        let pause = min(Self.firstPause * (1 << (state.value.failureCount - 1)), Self.longestPause)
        loop.assumeIsolated().scheduleTask(in: TimeAmount(pause)) { [weak self] in
            guard let self, !state.value.isClosed else { return }
            _ = open()
        }
    }
}

/// Waits for the end of the connection, on which nothing else happens.
private final class AssociationWatch: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let handleLoss: @Sendable () -> Void

    init(_ handleLoss: @escaping @Sendable () -> Void) { self.handleLoss = handleLoss }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func channelInactive(context: ChannelHandlerContext) { handleLoss() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
