// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheWire

/// Asks the network's router to map ports to this machine, renews the mappings, and removes them at the end.
///
/// The router is the gateway of the IPv4 default route. It is asked over PCP, NAT-PMP or UPnP, whichever works. If the
/// default route changes, the new router is asked. A mapper of IPv6 asks that family's gateway, over PCP, to let connections
/// in (a pinhole): nothing is translated, so the external endpoint is our own.
///
/// Owner: the session, which closes it before the runtime.
package final class PortMapper: Sendable {
    private let runtime: TransportRuntime
    private let router: any RouterHTTP
    private let binding: LocalBinding
    private let limits: PortMappingLimits
    private let findGateways: @Sendable () -> [Gateway]
    private let loop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    private struct State {
        var core: PortMapperCore?
        var sockets: MappingSockets?
        var timer: Scheduled<Void>?
        var watch: Task<Void, Never>?
        var events: AsyncStream<PortMappingEvent>.Continuation?
        var ending: EventLoopPromise<Void>?
        var isClosed = false
    }

    /// Creates a mapper that sends from `binding` only.
    ///
    /// - Parameters:
    ///   - router: sends requests to UPnP devices, with the same binding.
    ///   - isIPv4: the family.
    package convenience init(
        runtime: TransportRuntime,
        router: any RouterHTTP,
        binding: LocalBinding = .init(),
        limits: PortMappingLimits = .init(),
        isIPv4: Bool = true
    ) {
        self.init(runtime: runtime, router: router, binding: binding, limits: limits) {
            isIPv4 ? DefaultRoute.gateways() : DefaultRoute.gateways6()
        }
    }

    package init(
        runtime: TransportRuntime,
        router: any RouterHTTP,
        binding: LocalBinding,
        limits: PortMappingLimits,
        findGateways: @escaping @Sendable () -> [Gateway]
    ) {
        self.runtime = runtime
        self.router = router
        self.binding = binding
        self.limits = limits
        self.findGateways = findGateways
        loop = runtime.nextLoop()
        state = .makeBoxSendingValue(State(), eventLoop: loop)
    }

    /// Starts mapping local ports to the same external ports, if the router allows. A nil port is not mapped.
    ///
    /// The stream reports what happens to the mappings, and ends with `close()`; it need not be read. Call this once: a
    /// second call, or one after `close()`, returns a stream that has ended.
    package func map(tcp: UInt16?, udp: UInt16?) -> AsyncStream<PortMappingEvent> {
        let (events, continuation) = AsyncStream.makeStream(
            of: PortMappingEvent.self,
            bufferingPolicy: .bufferingNewest(limits.waitingEvents)
        )
        let wishes = [tcp.map { MappingWish(.tcp, port: $0) }, udp.map { MappingWish(.udp, port: $0) }]
        loop.execute { [self] in
            guard state.value.core == nil, !state.value.isClosed else { return continuation.finish() }
            state.value.events = continuation
            state.value.core = PortMapperCore(wishes.compactMap { $0 }, limits: limits)
            state.value.watch = Task { await watchRoute() }
        }
        return events
    }

    /// Removes the mappings. Returns when the router has confirmed it, or after `PortMappingLimits.closing`.
    package func close() async {
        let ending = loop.makePromise(of: Void.self)
        loop.execute { [self] in
            guard !state.value.isClosed else { return ending.succeed() }
            state.value.isClosed = true
            state.value.ending = ending
            state.value.watch?.cancel()
            loop.scheduleTask(in: TimeAmount(limits.closing)) { [self] in end() }
            run { core, now, effects in core.handleClose(at: now, into: &effects) }
            if state.value.core == nil { end() }
        }
        try? await ending.futureResult.get()
        let left = try? await loop.submit { [self] in
            defer {
                state.value.sockets = nil
                state.value.watch = nil
            }
            return (sockets: state.value.sockets, watch: state.value.watch)
        }.get()
        await left?.watch?.value
        await left?.sockets?.close()
    }

    // MARK: - Routes

    /// Runs until it is cancelled.
    private func watchRoute() async {
        while !Task.isCancelled {
            await checkRoute()
            try? await Task.sleep(nanoseconds: UInt64(max(0, limits.gatewayCheck.nanoseconds)))
        }
    }

    private func checkRoute() async {
        let found = (try? await runtime.blocking.perform { [findGateways] in findGateways() }) ?? []
        let gateway = found.first { binding.interface == nil || $0.interface == binding.interface }
        var opened: MappingSockets?
        if let gateway { opened = try? await MappingSockets.open(to: gateway, binding, on: loop, ears) }
        let old = try? await loop.submit { [self, opened] in handleRoute(opened) }.get()
        await old?.close()
    }

    /// Returns the sockets that are no longer needed, new or old ones.
    private func handleRoute(_ opened: MappingSockets?) -> MappingSockets? {
        let old = state.value.sockets
        let isSame = old.map { $0.gateway == opened?.gateway && $0.client == opened?.client } ?? false
        guard !state.value.isClosed, !isSame else { return opened }
        state.value.sockets = opened
        run { core, now, effects in
            var random = SecureRandom()
            let path = opened.map { (gateway: $0.gateway.address, client: $0.client) }
            core.handleGateway(path, at: now, using: &random, into: &effects)
        }
        return old
    }

    private var ears: MappingSockets.Ears {
        MappingSockets.Ears(
            handleDatagram: { [weak self] datagram, sender in
                self?.run { $0.handleDatagram(datagram, from: sender, at: $1, into: &$2) }
            },
            handleUnreachable: { [weak self] in self?.run { $0.handleUnreachable(at: $1, into: &$2) } },
            handleSearchAnswer: { [weak self] datagram, sender in
                self?.run { $0.handleSearchAnswer(datagram, from: sender, at: $1, into: &$2) }
            }
        )
    }

    // MARK: - On the loop

    /// Calls `tell` on the core and performs the resulting effects.
    private func run(_ tell: (inout PortMapperCore, Instant, inout [PortMapperCore.Effect]) -> Void) {
        guard state.value.core != nil else { return }
        var effects: [PortMapperCore.Effect] = []
        if var core = state.value.core {
            state.value.core = nil
            tell(&core, .now, &effects)
            state.value.core = core
        }
        for effect in effects { perform(effect) }
        schedule()
        if state.value.core?.isOver == true { end() }
    }

    private func perform(_ effect: PortMapperCore.Effect) {
        switch effect {
        case .send(let datagram): state.value.sockets?.send(datagram)
        case .search(let datagram, let endpoint): state.value.sockets?.search(datagram, at: endpoint)
        case .event(let event): state.value.events?.yield(event)
        case .ask(let request, let exchange):
            Task {
                let answer = await ask(request)
                loop.execute { [self] in
                    run { $0.handleAnswer(answer, exchange: exchange, at: $1, into: &$2) }
                }
            }
        }
    }

    private func ask(_ request: RouterRequest) async -> RouterAnswer? {
        let answer = try? await router.ask(
            request.makeBytes(),
            at: request.url.endpoint,
            byteLimit: limits.documentBytes,
            within: limits.exchangeTimeout
        )
        return answer.map { RouterAnswer(status: $0.status, body: Array($0.body.readableBytesView)) }
    }

    private func schedule() {
        state.value.timer?.cancel()
        guard let next = state.value.core?.nextDeadline else { return state.value.timer = nil }
        state.value.timer = loop.scheduleTask(deadline: NIODeadline(next)) { [weak self] in
            self?.run { core, now, effects in
                var random = SecureRandom()
                core.handleTime(now, using: &random, into: &effects)
            }
        }
    }

    private func end() {
        state.value.timer?.cancel()
        state.value.timer = nil
        state.value.core = nil
        state.value.events?.finish()
        state.value.events = nil
        state.value.ending?.succeed()
        state.value.ending = nil
    }
}
