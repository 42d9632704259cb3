// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire
internal import Synchronization

/// The places for all connections of a session: one ledger, shared by its listeners, dialers and loops.
///
/// Owner: `TransportRuntime`. Accessed when a connection opens, changes its standing or closes; never for a message.
final class ConnectionPlaces: Sendable {
    private let state: Locked<State>
    private let clock: any EventLoop

    private struct State {
        var ledger: PlaceLedger
        /// Closes each connection; nil for one whose socket has no owner yet.
        var closers: [PlaceLedger.ID: @Sendable () -> Void] = [:]
    }

    init(limits: TransportLimits, clock: any EventLoop) {
        self.clock = clock
        let places = PlaceLimits(
            places: limits.connections,
            strangers: limits.pendingIncoming,
            openingPatience: limits.openingPatience,
            idlePatience: limits.idlePatience
        )
        state = Locked(State(ledger: PlaceLedger(limits: places)))
    }

    /// The number of connections that hold a place.
    var count: Int { state.withLock { $0.ledger.count } }

    /// Returns a place for a connection with `address`; nil if all are taken and none gives way. A connection that
    /// gives way is closed.
    func admit(_ address: IPAddress, isStranger: Bool) -> ConnectionPlace? {
        let now = Instant(clock.now)
        let (id, close) = state.withLock { state -> (PlaceLedger.ID?, (@Sendable () -> Void)?) in
            switch state.ledger.admit(address.group, isStranger: isStranger, at: now) {
            case .admitted(let id, let yielding):
                return (id, yielding.flatMap { state.closers.removeValue(forKey: $0) })
            case .refused: return (nil, nil)
            }
        }
        close?()
        return id.map { ConnectionPlace($0, in: self) }
    }

    fileprivate func hold(_ id: PlaceLedger.ID, _ close: @escaping @Sendable () -> Void) -> Bool {
        // Released outside the lock, because releasing a closer may release a place.
        let (isHeld, old) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            guard state.ledger.contains(id) else { return (false, nil) }
            return (true, state.closers.updateValue(close, forKey: id))
        }
        withExtendedLifetime(old) {}
        return isHeld
    }

    fileprivate func contains(_ id: PlaceLedger.ID) -> Bool { state.withLock { $0.ledger.contains(id) } }

    fileprivate func handleAdopted(_ id: PlaceLedger.ID) { state.withLock { $0.ledger.handleAdopted(id) } }

    fileprivate func note(_ standing: PlaceStanding, of id: PlaceLedger.ID) {
        let now = Instant(clock.now)
        state.withLock { $0.ledger.note(standing, of: id, at: now) }
    }

    fileprivate func release(_ id: PlaceLedger.ID) {
        let old = state.withLock { state in
            state.ledger.release(id)
            return state.closers.removeValue(forKey: id)
        }
        withExtendedLifetime(old) {}
    }
}

/// One connection's place in its session. It is passed on with the connection, and is freed when it is released or
/// deallocated.
package final class ConnectionPlace: Sendable {
    private let id: PlaceLedger.ID
    private let places: ConnectionPlaces
    private let isReleased = Atomic<Bool>(false)

    fileprivate init(_ id: PlaceLedger.ID, in places: ConnectionPlaces) {
        self.id = id
        self.places = places
    }

    deinit { release() }

    /// Whether another connection took the place. The connection was then closed, which says nothing against the other
    /// side.
    package var hasYielded: Bool { !isReleased.load(ordering: .relaxed) && !places.contains(id) }

    /// Sets the connection's standing.
    package func note(_ standing: PlaceStanding) { places.note(standing, of: id) }

    /// Sets the connection's current owner: `close` is called when another connection takes the place. Returns false if
    /// that has happened already.
    func hold(_ close: @escaping @Sendable () -> Void) -> Bool { places.hold(id, close) }

    /// Records that the connection has named a swarm, which adopted it.
    func handleAdopted() { places.handleAdopted(id) }

    /// Releases the place of a closed connection. May be called twice.
    func release() {
        guard !isReleased.exchange(true, ordering: .relaxed) else { return }
        places.release(id)
    }
}
