// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import RucheWire
internal import Synchronization

/// Where strangers wait from accept until they are adopted or rejected.
///
/// Owner: `PeerListener`. Shared by its accept thread and the strangers' loops. Who may wait is decided by the session's
/// `ConnectionPlaces`. Invariant: every ticket given out by `letIn` comes back in `leave`, however the stranger goes.
final class ListenerDoor: Sendable {
    /// Names one stranger.
    typealias Ticket = UInt64

    let limits: TransportLimits
    private let options: PeerListener.Options
    private let loops: [any EventLoop]
    private let places: ConnectionPlaces
    private let onPeer: @Sendable (IncomingPeer) -> Void
    private let onRefusal: @Sendable (RefusedStranger) -> Void
    private let state: Mutex<State>

    private struct State {
        /// Those who wait; nil for one that has no channel yet.
        var strangers: [Ticket: (any Channel)?] = [:]
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
        loops = runtime.loops
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

    /// Takes an accepted descriptor, from the accept thread: it becomes a channel, or is closed.
    func letIn(_ descriptor: Int32, from remote: PeerEndpoint) {
        guard let place = places.admit(remote.address, isStranger: true) else {
            turnAway(remote)
            return Descriptor.close(descriptor)
        }
        guard let ticket = makeTicket() else { return Descriptor.close(descriptor) }
        let loop = loops[Int(ticket % UInt64(loops.count))]
        BulkTCP.strangerBootstrap(on: loop)
            .channelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        IncomingHandshakeHandler(
                            door: self,
                            ticket: ticket,
                            place: place,
                            descriptor: descriptor,
                            remote: remote,
                            loop: channel.eventLoop
                        )
                    )
                }
            }
            .withConnectedSocket(descriptor)
            .whenFailure { [self] _ in
                place.release()
                leave(ticket)
            }
    }

    private func turnAway(_ remote: PeerEndpoint) {
        state.withLock { $0.turnedAway += 1 }
        refuse(remote, .limit)
    }

    func makeIdentification() -> IncomingIdentification {
        IncomingIdentification(
            policy: options.encryption,
            byteLimit: limits.incomingBytes,
            findTorrent: options.findTorrent
        )
    }

    /// The stranger has its channel; false where the door has closed meanwhile.
    func hasEntered(_ ticket: Ticket, _ channel: any Channel) -> Bool {
        state.withLock { state in
            if state.strangers[ticket] != nil { state.strangers[ticket] = .some(channel) }
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
        _ = state.withLock { $0.strangers.removeValue(forKey: ticket) }
    }

    /// Drops all who wait and lets nobody in any more.
    func close() {
        let channels = state.withLock { state in
            state.isOpen = false
            return state.strangers.values.compactMap(\.self)
        }
        for channel in channels { channel.close(promise: nil) }
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
