// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheWire

/// One dial: performs a `DialPlan` until an attempt succeeds or all have failed.
///
/// Owner: `PeerDialer`, until the promise is completed. Confined to its loop.
final class Dial: @unchecked Sendable {  // see above
    /// What all attempts have in common.
    struct Order: Sendable {
        let remote: PeerEndpoint
        let infoHash: SHA1Digest
        let loop: any EventLoop
        let policy: ChannelPolicy
        /// In the order in which they start.
        let transports: [any PeerTransport]
        let runtime: TransportRuntime
        let place: ConnectionPlace
        let configure: PeerConnection.Configure
    }

    private let order: Order
    private let promise: EventLoopPromise<PeerConnection>
    private var plan: DialPlan
    private var tickets: [DialPlan.Attempt: DialTicket] = [:]
    /// Open streams whose channels are not open yet.
    private var streams: [DialPlan.Attempt: any PeerStream] = [:]
    private var wake: Scheduled<Void>?
    private var isOver = false
    private var lastError: TransportError

    init(_ order: Order) {
        self.order = order
        promise = order.loop.makePromise(of: PeerConnection.self)
        lastError = TransportError(.unreachable, "dial \(order.remote): no transport can reach it")
        plan = DialPlan(
            transports: order.transports.filter { $0.canReach(order.remote) }.map(\.kind),
            channels: order.policy.offers.map(\.kind),
            headStart: order.runtime.limits.dialHeadStart
        )
    }

    /// Call it on the loop, once.
    func run() -> EventLoopFuture<PeerConnection> {
        proceed()
        return promise.futureResult
    }

    private func proceed() {
        guard !isOver else { return }
        let now = Instant(order.loop.now)
        while let attempt = plan.nextAttempt(at: now) { begin(attempt) }
        wake?.cancel()
        wake = nil
        guard !isOver else { return }
        if plan.isLost {
            isOver = true
            promise.fail(lastError)
        } else if let due = plan.nextWake {
            wake = order.loop.assumeIsolated().scheduleTask(deadline: NIODeadline(due)) { [self] in proceed() }
        }
    }

    private func begin(_ attempt: DialPlan.Attempt) {
        guard !isOver, let transport = order.transports.first(where: { $0.kind == attempt.transport }) else { return }
        let dial = PeerDial(remote: order.remote, swarm: order.infoHash, timeout: order.runtime.limits.connectTimeout)
        tickets[attempt] = transport.dial(dial, on: order.loop) { [self] in handleDialled($0, attempt) }
    }

    private func handleDialled(_ result: Result<any PeerStream, TransportError>, _ attempt: DialPlan.Attempt) {
        tickets[attempt] = nil
        switch result {
        case .success(let stream) where isOver: stream.close()
        case .success(let stream): initiate(stream, attempt)
        case .failure(let error):
            guard !isOver else { return }
            lastError = error
            plan.handleUnreachable(attempt)
            proceed()
        }
    }

    private func initiate(_ stream: any PeerStream, _ attempt: DialPlan.Attempt) {
        guard let offer = order.policy.offers.first(where: { $0.kind == attempt.channel }) else { return }
        streams[attempt] = stream
        let setup = ChannelSetup(.initiator(swarm: order.infoHash), mustSeal: order.policy.mustSeal)
        let initiation = ChannelInitiation(stream, offer, setup, order.runtime) { [self] in handleInitiated($0, attempt)
        }
        initiation.start(timeout: order.runtime.limits.encryptionTimeout)
    }

    private func handleInitiated(_ result: ChannelInitiation.End, _ attempt: DialPlan.Attempt) {
        let stream = streams.removeValue(forKey: attempt)
        guard !isOver else {
            stream?.close()
            return
        }
        switch result {
        case .success(let opened): win(opened)
        case .failure(let error):
            stream?.close()
            lastError = error
            plan.handleChannelFailed(attempt)
            proceed()
        }
    }

    private func win(_ opened: OpenedStream) {
        isOver = true
        wake?.cancel()
        for ticket in tickets.values { ticket.cancel() }
        for stream in streams.values { stream.close() }
        promise.completeWith(
            Result { try opened.start(for: order.infoHash, in: order.place, configure: order.configure) }
        )
    }
}
