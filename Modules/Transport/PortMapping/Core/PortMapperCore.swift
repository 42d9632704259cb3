// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

/// Maps ports with the network's router, by whichever of PCP, NAT-PMP and UPnP works first.
///
///     resting ──▶ trying ──▶ mapped ──▶ closing ──▶ over
///        ▲           │          │
///        └───────────┴──────────┘ failed, or lost
///
/// PCP has a head start. Then UPnP is tried beside it, and the first to grant a mapping wins; the other removes what it
/// may have mapped. A new gateway restarts everything.
///
/// Owner: `PortMapper`, which passes in datagrams, exchanges, routes and time.
package struct PortMapperCore: Sendable {
    package enum Effect: Equatable, Sendable {
        /// Send to port `GatewayMapper.port` of the gateway.
        case send(ByteBuffer)
        /// Send from the search socket.
        case search(ByteBuffer, to: PeerEndpoint)
        /// Send over HTTP. The outcome goes to `handleAnswer` with the same number.
        case ask(RouterRequest, exchange: Int)
        /// Report to the reader of `PortMapper.map`.
        case event(PortMappingEvent)
    }

    enum Phase { case resting, trying, mapped, closing, over }

    /// The two methods that can grant a mapping.
    enum Source { case direct, upnp }

    let wishes: [MappingWish]
    let limits: PortMappingLimits
    var phase = Phase.resting
    var path: (gateway: IPAddress, client: IPAddress)?
    var direct: GatewayMapper?
    var upnp: UPnPMapper?
    /// The method that granted a mapping first.
    var winner: Source?
    var mappings: [MappingWish: PortMapping] = [:]
    /// Why ports were refused and methods failed during the current try.
    var refusals: [(source: Source, error: PortMappingError)] = []
    /// Numbers exchanges, so the response to an older one is dropped.
    var exchange = 0
    private var hasLooked = false
    var retries = 0
    var nextTry: Instant?
    var upnpStart: Instant?

    package init(_ wishes: [MappingWish], limits: PortMappingLimits) {
        self.wishes = wishes
        self.limits = limits
    }

    /// Whether everything was removed, or could not be in time.
    package var isOver: Bool { phase == .over }

    /// The gateway in use; nil while none is known.
    package var gateway: IPAddress? { path?.gateway }

    /// When `handleTime` must be called next; nil for never.
    package var nextDeadline: Instant? {
        guard phase != .over else { return nil }
        return [nextTry, upnpStart, direct?.nextDeadline, upnp?.nextDeadline].compactMap { $0 }.min()
    }

    /// Takes the router on the default route and our address towards it; nil without one. Called after every check.
    ///
    /// - Parameter random: must be suitable for nonces.
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

    /// Handles what is due at `now`.
    ///
    /// - Parameter random: must be suitable for nonces.
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

    /// Handles a datagram from the gateway's socket.
    package mutating func handleDatagram(
        _ datagram: ByteBuffer,
        from sender: PeerEndpoint,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        runDirect(at: now, into: &effects) { $0.handleDatagram(datagram, from: sender, at: now, into: &$1) }
    }

    /// Records that nothing listens on the gateway's port, according to the system.
    package mutating func handleUnreachable(at now: Instant, into effects: inout [Effect]) {
        runDirect(at: now, into: &effects) { $0.handleUnreachable(at: now, into: &$1) }
    }

    /// Handles a datagram from the search socket.
    package mutating func handleSearchAnswer(
        _ datagram: ByteBuffer,
        from sender: PeerEndpoint,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        runUPnP(at: now, into: &effects) { $0.handleSearchAnswer(datagram, from: sender, at: now, into: &$1) }
    }

    /// Handles the outcome of an exchange; nil if there was no complete response.
    package mutating func handleAnswer(
        _ answer: RouterAnswer?,
        exchange: Int,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard exchange == self.exchange else { return }
        runUPnP(at: now, into: &effects) { $0.handleAnswer(answer, at: now, into: &$1) }
    }

    /// Removes every mapping; `isOver` follows.
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
