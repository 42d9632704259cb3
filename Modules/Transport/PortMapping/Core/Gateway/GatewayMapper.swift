// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import RucheCrypto
package import RucheWire

/// Asks one gateway for mappings over PCP, or over NAT-PMP if it supports only that.
///
///     asking (PCP ─▶ NAT-PMP) ──▶ closing ──▶ over
///
/// One question is under way at a time, as RFC 6886 requires. Only datagrams from the gateway itself that match the
/// question's nonce, ports and transport are accepted.
///
/// Owner: `PortMapperCore`.
package struct GatewayMapper: Sendable {
    /// The port on which gateways listen (RFC 6886, RFC 6887).
    package static let port: UInt16 = 5351

    package enum Effect: Equatable, Sendable {
        /// Send to port 5351 of the gateway.
        case send(ByteBuffer)
        case report(MappingReport)
    }

    enum Phase { case asking, closing, over }

    let gateway: IPAddress
    let client: IPAddress
    let limits: PortMappingLimits
    var entries: [GatewayEntry]
    var phase = Phase.asking
    var dialect = PortMappingMethod.pcp
    var question: GatewayQuestion?
    var epoch = EpochClock()
    var externalAddress: IPAddress?
    /// Whether the gateway has answered in `dialect`.
    var isKnown = false
    /// For delays and ports, which need not be secret.
    var dice: SeededRandom

    /// - Parameters:
    /// - client: our own address on the route to the gateway.
    /// - random: must be suitable for nonces: an attacker that guesses a nonce can take the mapping over.
    package init(
        gateway: IPAddress,
        client: IPAddress,
        wishes: [MappingWish],
        limits: PortMappingLimits,
        using random: inout some RandomNumberGenerator
    ) {
        self.gateway = gateway
        self.client = client
        self.limits = limits
        entries = []
        for wish in wishes { entries.append(GatewayEntry(wish: wish, nonce: PCPNonce(using: &random))) }
        dice = SeededRandom(seed: random.next())
    }

    /// Whether the gateway has answered anything, including a refusal.
    package var hasAnswered: Bool { isKnown }
    /// Whether everything to be done at the end is done.
    package var isOver: Bool { phase == .over }

    /// When `handleTime` must be called next; nil for never.
    package var nextDeadline: Instant? {
        guard phase != .over else { return nil }
        let expiries = entries.compactMap { phase == .asking ? $0.expiry : nil }
        let next = question.map { [$0.nextSend] } ?? entries.compactMap { $0.due(in: phase, limits) }
        return (expiries + next).min()
    }

    /// Handles what is due at `now`. Call it also right after creation.
    package mutating func handleTime(_ now: Instant, into effects: inout [Effect]) {
        expire(at: now, into: &effects)
        if let question, question.nextSend <= now { repeatQuestion(question, at: now, into: &effects) }
        ask(at: now, into: &effects)
    }

    /// Records that nothing listens on the gateway's port, according to the system.
    package mutating func handleUnreachable(at now: Instant, into effects: inout [Effect]) {
        guard question != nil, !isKnown, phase == .asking else { return }
        giveUp(PortMappingError(.unanswered, "nothing listens on port \(Self.port) of \(gateway)"), into: &effects)
    }

    /// Removes every mapping. `isOver` becomes true with the responses, or without them after a limited time.
    package mutating func handleClose(at now: Instant, into effects: inout [Effect]) {
        guard phase == .asking else { return }
        phase = .closing
        question = nil
        for index in entries.indices { entries[index].handleClose() }
        ask(at: now, into: &effects)
    }

    /// Handles a datagram from the gateway's socket.
    package mutating func handleDatagram(
        _ datagram: ByteBuffer,
        from sender: PeerEndpoint,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        guard sender == PeerEndpoint(address: gateway, port: Self.port), phase != .over, let question else { return }
        switch dialect {
        case .pcp:
            guard let response = try? PCPResponse(parsing: datagram) else { return }
            handlePCP(response, to: question, at: now, into: &effects)
        default:
            guard let response = try? NATPMPResponse(parsing: datagram) else { return }
            handleNATPMP(response, to: question, at: now, into: &effects)
        }
        ask(at: now, into: &effects)
    }
}

// MARK: - Asking

extension GatewayMapper {
    /// Asks the next question if none is under way and one is due.
    private mutating func ask(at now: Instant, into effects: inout [Effect]) {
        guard question == nil, phase != .over else { return }
        let due = entries.indices.first { index in
            entries[index].due(in: phase, limits).map { $0 <= now } ?? false
        }
        guard let due else {
            if phase == .closing { phase = .over }
            return
        }
        let needsAddress = dialect == .natPMP && externalAddress == nil && phase == .asking
        let next = GatewayQuestion(subject: needsAddress ? .externalAddress : .entry(due), at: now)
        send(next, at: now, into: &effects)
    }

    private mutating func send(_ question: GatewayQuestion, at now: Instant, into effects: inout [Effect]) {
        var question = question
        question.attempts += 1
        question.nextSend = now + wait(after: question)
        question.lastWait = question.nextSend - now
        self.question = question
        if case .entry(let index) = question.subject { entries[index].wasAsked = true }
        effects.append(.send(makeDatagram(question.subject)))
    }

    private func makeDatagram(_ subject: GatewayQuestion.Subject) -> ByteBuffer {
        guard case .entry(let index) = subject else { return NATPMPRequest.externalAddress.makeDatagram() }
        let entry = entries[index]
        let lifetime = phase == .closing ? 0 : UInt32(clamping: limits.lifetimeSeconds)
        guard dialect == .pcp else {
            return NATPMPRequest.map(
                entry.wish.transport,
                internalPort: entry.wish.port,
                suggestedPort: lifetime == 0 ? 0 : entry.suggested?.port ?? entry.wish.port,
                lifetimeSeconds: lifetime
            ).makeDatagram()
        }
        return PCPMapRequest(
            entry.wish.transport,
            internalPort: entry.wish.port,
            suggesting: entry.suggested,
            lifetimeSeconds: lifetime,
            client: client,
            nonce: entry.nonce
        ).makeDatagram()
    }

    /// RFC 6887, section 8.1.1, and RFC 6886, section 3.1; shorter when closing, to keep shutdown short.
    private mutating func wait(after question: GatewayQuestion) -> Interval {
        if phase == .closing { return limits.removalWait }
        guard dialect == .pcp else {
            return limits.natPMPInitialWait * (1 << Int64(min(question.attempts - 1, 16)))
        }
        let base = question.attempts == 1 ? limits.pcpInitialWait : min(question.lastWait * 2, limits.pcpLongestWait)
        return base + base / 1000 * Int64.random(in: -100...100, using: &dice)
    }

    private mutating func repeatQuestion(
        _ question: GatewayQuestion,
        at now: Instant,
        into effects: inout [Effect]
    ) {
        switch (phase, dialect) {
        case (.closing, _):
            guard question.attempts >= limits.removalAttempts else { break }
            self.question = nil
            if case .entry(let index) = question.subject { entries[index].state = .done }
            return
        case (_, .pcp):
            guard !isKnown, question.attempts >= limits.pcpAttempts else { break }
            return fallBack(into: &effects)
        default:
            guard question.attempts >= limits.natPMPAttempts else { break }
            if !isKnown {
                return giveUp(PortMappingError(.unanswered, "\(gateway) does not answer"), into: &effects)
            }
            // What is mapped is requested again until it expires.
            self.question = nil
            if case .entry(let index) = question.subject { entries[index].postpone(at: now, limits) }
            return
        }
        send(question, at: now, into: &effects)
    }

    /// Switches from PCP to NAT-PMP, which supports only IPv4.
    mutating func fallBack(into effects: inout [Effect]) {
        guard gateway.isIPv4 else {
            return giveUp(PortMappingError(.unanswered, "\(gateway) does not speak PCP"), into: &effects)
        }
        dialect = .natPMP
        question = nil
        epoch = EpochClock()
    }

    mutating func giveUp(_ error: PortMappingError, into effects: inout [Effect]) {
        phase = .over
        question = nil
        effects.append(.report(.unavailable(error)))
    }

    private mutating func expire(at now: Instant, into effects: inout [Effect]) {
        guard phase == .asking else { return }
        for index in entries.indices {
            guard case .mapped(let mapping) = entries[index].state, mapping.expiry <= now else { continue }
            entries[index].state = .wanted(since: now)
            effects.append(.report(.lost(entries[index].wish)))
        }
    }
}
