// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// Gets ports mapped by the router of this network, by the first of PCP, NAT-PMP and UPnP that works.
///
///     resting ──▶ trying ──▶ mapped ──▶ closing ──▶ over
///        ▲           │          │
///        └───────────┴──────────┘ failed, or lost
///
/// PCP has a head start. Then UPnP is tried beside it, and the first that grants a mapping stays; the other takes back
/// what it may have. A new gateway starts everything anew.
///
/// Owner: `PortMapper`, which gives it datagrams, exchanges, routes and time.
package struct PortMapperCore: Sendable {
    package enum Effect: Equatable, Sendable {
        /// To the gateway, port `GatewayMapper.port`.
        case send(ByteBuffer)
        /// From the socket that searches.
        case search(ByteBuffer, to: PeerEndpoint)
        /// Over HTTP. The outcome goes to `handleAnswer` with the same number.
        case ask(RouterRequest, exchange: Int)
        /// Goes to the reader of `PortMapper.map`.
        case event(PortMappingEvent)
    }

    enum Phase { case resting, trying, mapped, closing, over }

    /// The two that may grant.
    enum Source { case direct, upnp }

    let wishes: [MappingWish]
    let limits: PortMappingLimits
    var phase = Phase.resting
    var path: (gateway: IPAddress, client: IPAddress)?
    var direct: GatewayMapper?
    var upnp: UPnPMapper?
    /// The one that grants, once one does.
    var winner: Source?
    var mappings: [MappingWish: PortMapping] = [:]
    /// Why ports were refused, and methods failed; of one try.
    var refusals: [(source: Source, error: PortMappingError)] = []
    /// Counts exchanges: the answer to an older one is dropped.
    var exchange = 0
    private var hasLooked = false
    var retries = 0
    var nextTry: Instant?
    var upnpStart: Instant?

    package init(_ wishes: [MappingWish], limits: PortMappingLimits) {
        self.wishes = wishes
        self.limits = limits
    }

    /// Everything was taken back, or could not be in time.
    package var isOver: Bool { phase == .over }

    /// The gateway that is asked, nil while none is known.
    package var gateway: IPAddress? { path?.gateway }

    /// When `handleTime` must be called next; nil for never.
    package var nextDeadline: Instant? {
        guard phase != .over else { return nil }
        return [nextTry, upnpStart, direct?.nextDeadline, upnp?.nextDeadline].compactMap { $0 }.min()
    }

    /// The router on the default route, and our address towards it; nil without one. Told as often as it is looked at.
    ///
    /// - Parameter random: of the quality that nonces need.
    package mutating func handleGateway(
        _ found: (gateway: IPAddress, client: IPAddress)?,
        at now: Instant,
        using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        guard phase != .closing, phase != .over else { return }
        if let found, let path, found == path { return }
        guard !hasLooked || found != nil || path != nil else { return }
        hasLooked = true
        loseAll(into: &effects)
        path = found
        retries = 0
        exchange += 1
        guard found != nil else {
            stop()
            return effects.append(.event(.failed(PortMappingError(.noGateway, "no default route"))))
        }
        start(at: now, using: &random, into: &effects)
    }

    /// Time has passed.
    ///
    /// - Parameter random: of the quality that nonces need.
    package mutating func handleTime(
        _ now: Instant,
        using random: inout some RandomNumberGenerator,
        into effects: inout [Effect]
    ) {
        if let nextTry, nextTry <= now, phase == .resting { start(at: now, using: &random, into: &effects) }
        if let upnpStart, upnpStart <= now { startUPnP(at: now, using: &random, into: &effects) }
        runDirect(at: now, into: &effects) { $0.handleTime(now, into: &$1) }
        runUPnP(at: now, into: &effects) { $0.handleTime(now, into: &$1) }
    }

    /// A datagram from the socket that talks to the gateway.
    package mutating func handleDatagram(
        _ datagram: ByteBuffer,
        from sender: PeerEndpoint,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        runDirect(at: now, into: &effects) { $0.handleDatagram(datagram, from: sender, at: now, into: &$1) }
    }

    /// The system says that nobody listens at the gateway's port.
    package mutating func handleUnreachable(at now: Instant, into effects: inout [Effect]) {
        runDirect(at: now, into: &effects) { $0.handleUnreachable(at: now, into: &$1) }
    }

    /// A datagram from the socket that searches.
    package mutating func handleSearchAnswer(
        _ datagram: ByteBuffer,
        from sender: PeerEndpoint,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        runUPnP(at: now, into: &effects) { $0.handleSearchAnswer(datagram, from: sender, at: now, into: &$1) }
    }

    /// The outcome of an exchange; nil where no whole answer came.
    package mutating func handleAnswer(
        _ answer: RouterAnswer?,
        exchange: Int,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard exchange == self.exchange else { return }
        runUPnP(at: now, into: &effects) { $0.handleAnswer(answer, at: now, into: &$1) }
    }

    /// Takes every mapping back; `isOver` follows.
    package mutating func handleClose(at now: Instant, into effects: inout [Effect]) {
        guard phase != .closing, phase != .over else { return }
        phase = .closing
        nextTry = nil
        upnpStart = nil
        runDirect(at: now, into: &effects) { $0.handleClose(at: now, into: &$1) }
        runUPnP(at: now, into: &effects) { $0.handleClose(at: now, into: &$1) }
        finishClosing()
    }
}
