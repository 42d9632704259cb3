// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire
internal import Synchronization

/// Where strangers wait from accept until they are adopted or rejected, whichever transport they come by.
///
/// Owner: `PeerListener`. Shared by the transports and the strangers' loops. Who may wait is decided by the session's
/// `ConnectionPlaces`. Invariant: every ticket given out by `admit` comes back in `leave`, however the stranger goes.
final class ListenerDoor: PeerDoor {
    /// Names one stranger.
    typealias Ticket = UInt64

    let limits: TransportLimits
    private let options: PeerListener.Options
    private let places: ConnectionPlaces
    private let onPeer: @Sendable (IncomingPeer) -> Void
    private let onRefusal: @Sendable (RefusedStranger) -> Void
    private let state: Mutex<State>

    private struct State {
        /// Those who wait; nil for one that has no stream yet.
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
        limits = runtime.limits
        places = runtime.places
        self.options = options
        self.onPeer = onPeer
        self.onRefusal = onRefusal
        state = Mutex(State())
    }

    /// Strangers that wait.
    var waitingCount: Int { state.withLock { $0.strangers.count } }
    /// Strangers that were closed at once because of a limit.
    var turnedAwayCount: Int { state.withLock { $0.turnedAway } }

    func admit(_ remote: PeerEndpoint) -> StrangerPass? {
        guard let place = places.admit(remote.address, isStranger: true) else {
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

    func makeIdentification() -> IncomingIdentification {
        IncomingIdentification(
            policy: options.policy,
            byteLimit: limits.incomingBytes,
            findTorrent: options.findTorrent
        )
    }

    /// The stranger has its stream; false where the door has closed meanwhile.
    func hasEntered(_ ticket: Ticket, _ stream: any AcceptedStream) -> Bool {
        state.withLock { state in
            if state.strangers[ticket] != nil { state.strangers[ticket] = .some(stream) }
            return state.isOpen
        }
    }

    func present(_ peer: IncomingPeer) {
        onPeer(peer)
    }

    /// Says that a stranger is let go, and why.
    func refuse(_ remote: PeerEndpoint, _ reason: RefusedStranger.Reason) {
        onRefusal(RefusedStranger(remote: remote, reason: reason))
    }

    /// The stranger waits no longer. May be called twice.
    func leave(_ ticket: Ticket) {
        // What is removed must not be let go of under the lock: a pass may be among what it holds.
        let stream = state.withLock { $0.strangers.removeValue(forKey: ticket) }
        withExtendedLifetime(stream) {}
    }

    /// Drops all who wait and lets nobody in any more.
    func close() {
        let streams = state.withLock { state in
            state.isOpen = false
            return state.strangers.values.compactMap(\.self)
        }
        for stream in streams { stream.loop.execute { stream.close() } }
    }

    /// Nil where the door is closed.
    private func makeTicket() -> Ticket? {
        state.withLock { state in
            guard state.isOpen else { return nil }
            state.nextTicket += 1
            state.strangers[state.nextTicket] = .some(nil)
            return state.nextTicket
        }
    }
}
