// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Starting, stopping and driving the methods.
extension PortMapperCore {
    mutating func start(
        at now: Instant,
        using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        guard let path else { return }
        stop()
        exchange += 1
        refusals = []
        phase = .trying
        direct = GatewayMapper(
            gateway: path.gateway,
            client: path.client,
            wishes: wishes,
            limits: limits,
            using: &random
        )
        upnpStart = path.gateway.isIPv4 ? now + limits.headStart : nil
        runDirect(at: now, into: &effects) { $0.handleTime(now, into: &$1) }
    }

    /// Drops the methods without informing the router, which has changed or does not answer.
    mutating func stop() {
        phase = .resting
        direct = nil
        upnp = nil
        winner = nil
        nextTry = nil
        upnpStart = nil
    }

    mutating func startUPnP(
        at now: Instant,
        using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        // A gateway that answers PCP or NAT-PMP is at worst slow.
        guard phase == .trying, let path, upnp == nil else { return upnpStart = nil }
        if let direct, direct.hasAnswered, !direct.isHopeless { return upnpStart = now + limits.headStart }
        upnpStart = nil
        upnp = UPnPMapper(gateway: path.gateway, client: path.client, wishes: wishes, limits: limits, using: &random)
        runUPnP(at: now, into: &effects) { $0.handleTime(now, into: &$1) }
    }

    mutating func runDirect(
        at now: Instant,
        into effects: inout [Effect],
        _ body: (inout GatewayMapper, inout [GatewayMapper.Effect]) -> Void
    ) {
        guard var mapper = direct else { return }
        var done: [GatewayMapper.Effect] = []
        body(&mapper, &done)
        direct = mapper
        for effect in done {
            switch effect {
            case .send(let datagram): effects.append(.send(datagram))
            case .report(let report): handle(report, from: .direct, at: now, into: &effects)
            }
        }
        finishClosing()
    }

    mutating func runUPnP(
        at now: Instant,
        into effects: inout [Effect],
        _ body: (inout UPnPMapper, inout [UPnPMapper.Effect]) -> Void
    ) {
        guard var mapper = upnp else { return }
        var done: [UPnPMapper.Effect] = []
        body(&mapper, &done)
        upnp = mapper
        for effect in done {
            switch effect {
            case .search(let datagram, let group): effects.append(.search(datagram, to: group))
            case .ask(let request):
                // Only the latest exchange counts: when closing, a mapper abandons the running one.
                exchange += 1
                effects.append(.ask(request, exchange: exchange))
            case .report(let report): handle(report, from: .upnp, at: now, into: &effects)
            }
        }
        finishClosing()
    }

    mutating func finishClosing() {
        guard phase == .closing, direct?.isOver ?? true, upnp?.isOver ?? true else { return }
        phase = .over
    }
}
