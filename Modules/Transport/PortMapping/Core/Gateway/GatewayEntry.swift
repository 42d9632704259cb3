// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// One port to be mapped by a gateway.
///
///     wanted ◀──▶ mapped ──▶ leaving ──▶ done
///        └──▶ refused
///
/// Owner: `GatewayMapper`.
struct GatewayEntry: Sendable {
    enum State: Hashable, Sendable {
        case wanted(since: Instant)
        case mapped(Mapped)
        case refused
        /// Its removal is under way.
        case leaving
        case done
    }

    struct Mapped: Hashable, Sendable {
        let external: PeerEndpoint
        var renewal: Instant
        let expiry: Instant
    }

    let wish: MappingWish
    let nonce: PCPNonce
    var state = State.wanted(since: Instant(nanoseconds: .min))
    /// The external endpoint that it has, or had before the gateway lost it.
    var suggested: PeerEndpoint?
    /// Whether the gateway was asked for it at least once.
    var wasAsked = false

    init(wish: MappingWish, nonce: PCPNonce) {
        self.wish = wish
        self.nonce = nonce
    }

    /// When the gateway must be asked about it; nil for never.
    func due(in phase: GatewayMapper.Phase, _ limits: PortMappingLimits) -> Instant? {
        switch state {
        case .wanted(let since): phase == .asking ? since : nil
        case .mapped(let mapped): phase == .asking ? mapped.renewal : nil
        case .leaving: Instant(nanoseconds: .min)
        case .refused, .done: nil
        }
    }

    /// When the mapping expires if it is not renewed.
    var expiry: Instant? {
        if case .mapped(let mapped) = state { return mapped.expiry }
        return nil
    }

    /// Records that the gateway granted the mapping.
    mutating func handleGrant(
        _ external: PeerEndpoint,
        lifetimeSeconds: Int,
        at now: Instant,
        _ limits: PortMappingLimits
    ) {
        let lifetime = Interval.seconds(max(1, lifetimeSeconds))
        let renewal = min(max(lifetime / 2, limits.renewalPause), limits.longestRenewal)
        // A lifetime shorter than the pause is extended, so the mapping does not expire before each renewal.
        let expiry = max(lifetime, renewal + limits.renewalPause)
        state = .mapped(Mapped(external: external, renewal: now + renewal, expiry: now + expiry))
        suggested = external
    }

    /// Asks again after half of the remaining lifetime, because the gateway does not answer.
    mutating func postpone(at now: Instant, _ limits: PortMappingLimits) {
        switch state {
        case .mapped(var mapped):
            mapped.renewal = now + max((mapped.expiry - now) / 2, limits.renewalPause)
            state = .mapped(mapped)
        case .wanted: state = .wanted(since: now + limits.retry)
        case .refused, .leaving, .done: break
        }
    }

    /// Records that the gateway has lost its state.
    mutating func handleReboot(at now: Instant) {
        if case .mapped = state { state = .wanted(since: now) }
    }

    /// Starts removing the mapping if the gateway may have it, also while a response that grants it may be on its way.
    mutating func handleClose() { state = wasAsked && state != .refused ? .leaving : .done }
}

/// The last question to the gateway, until it is answered.
struct GatewayQuestion: Hashable, Sendable {
    enum Subject: Hashable, Sendable {
        case externalAddress
        /// The index of a `GatewayEntry`.
        case entry(Int)
    }

    let subject: Subject
    var attempts = 0
    var nextSend: Instant
    var lastWait = Interval.zero

    init(subject: Subject, at now: Instant) {
        self.subject = subject
        nextSend = now
    }
}
