// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// Where strangers of all transports wait from accept until they are adopted or rejected.
///
/// Owner: `PeerListener`. Shared by the transports and the strangers' loops. The session's `ConnectionPlaces` decides
/// who may wait. Invariant: every ticket from `admit` is returned with `leave`, whatever happens to the stranger.
final class ListenerDoor: PeerDoor {
    /// Identifies one stranger.
    typealias Ticket = UInt64

    private let runtime: TransportRuntime
    private let options: PeerListener.Options
    private let onPeer: @Sendable (IncomingPeer) -> Void
    private let onRefusal: @Sendable (RefusedStranger) -> Void
    private let state: Locked<State>

    private struct State {
        /// The waiting strangers; nil for one without a stream yet.
        var strangers: [Ticket: (any AcceptedStream)?] = [:]
        var nextTicket: Ticket = 0
        var isOpen = true
        var turnedAway = 0
    }

    init(
        options: PeerListener.Options,
        runtime: TransportRuntime,
        onPeer: @escaping @Sendable (IncomingPeer) -> Void,
        onRefusal: @escaping @Sendable (RefusedStranger) -> Void
    ) {
        self.runtime = runtime
        self.options = options
        self.onPeer = onPeer
        self.onRefusal = onRefusal
        state = Locked(State())
    }

    /// The number of waiting strangers.
    var waitingCount: Int { state.withLock { $0.strangers.count } }
    /// The number of strangers that were closed at once because of a limit.
    var turnedAwayCount: Int { state.withLock { $0.turnedAway } }

    func isClosed(to address: IPAddress) -> Bool { options.blocked.contains(address) }

    func admit(_ remote: PeerEndpoint) -> StrangerPass? {
        guard !isClosed(to: remote.address) else { return nil }
        guard let place = runtime.places.admit(remote.address, isStranger: true) else {
            state.withLock { $0.turnedAway += 1 }
            refuse(remote, .limit)
            return nil
        }
        guard let ticket = makeTicket() else { return nil }
        return StrangerPass(ticket: ticket, place: place) { [weak self] in self?.leave($0) }
    }

    func enter(_ stream: any AcceptedStream, with pass: StrangerPass) {
        stream.loop.assertInEventLoop()
        Stranger(stream, pass, at: self).start()
    }

    var limits: TransportLimits { runtime.limits }

    func makeSecrets() -> any RandomNumberGenerator & Sendable { runtime.makeSecrets() }

    func makeIdentification() -> IncomingIdentification {
        IncomingIdentification(
            policy: options.policy,
            byteLimit: limits.incomingBytes,
            findTorrent: options.findTorrent
        )
    }

    /// Records the stranger's stream; returns false if the door has closed meanwhile.
    func hasEntered(_ ticket: Ticket, _ stream: any AcceptedStream) -> Bool {
        state.withLock { state in
            if state.strangers[ticket] != nil { state.strangers[ticket] = .some(stream) }
            return state.isOpen
        }
    }

    func present(_ peer: IncomingPeer) {
        onPeer(peer)
    }

    /// Reports that a stranger is refused, and why.
    func refuse(_ remote: PeerEndpoint, _ reason: RefusedStranger.Reason) {
        onRefusal(RefusedStranger(remote: remote, reason: reason))
    }

    /// Removes the stranger. May be called twice.
    func leave(_ ticket: Ticket) {
        // Released outside the lock, because releasing it may release a pass.
        let stream = state.withLock { $0.strangers.removeValue(forKey: ticket) }
        withExtendedLifetime(stream) {}
    }

    /// Drops all waiting strangers and refuses further ones.
    func close() {
        let streams = state.withLock { state in
            state.isOpen = false
            return state.strangers.sorted { $0.key < $1.key }.compactMap(\.value)
        }
        for stream in streams { stream.loop.execute { stream.close() } }
    }

    /// Returns nil if the door is closed.
    private func makeTicket() -> Ticket? {
        state.withLock { state in
            guard state.isOpen else { return nil }
            state.nextTicket += 1
            state.strangers[state.nextTicket] = .some(nil)
            return state.nextTicket
        }
    }
}
