// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Every endpoint known for one swarm, connected or not, and whom to dial next.
package struct PeerList: Sendable {
    /// Empty. `seed` decides random choices.
    package init(limits: PeerListLimits = PeerListLimits(), seed: UInt64) {}
    /// Our own address as others see it, for BEP 40; nil: not known.
    package var ownEndpoint: PeerEndpoint?
    /// While we are a seed, known seeds are not dialled.
    package var isSeed = false

    /// An endpoint was found. False where it is refused: banned, ourselves, not an address to dial, or the list is
    /// full of better ones.
    @discardableResult
    package mutating func handleFound(
        _ endpoint: PeerEndpoint,
        from origins: PeerOrigins,
        isSeed: Bool = false,
        at now: Instant
    ) -> Bool { false }
    /// Up to `count` endpoints to dial, best first; they are held as being dialled until told how it went.
    package mutating func nextToDial(upTo count: Int, at now: Instant) -> [PeerEndpoint] { [] }
    /// A dial succeeded, or a peer connected to us from `endpoint`.
    package mutating func handleConnected(_ endpoint: PeerEndpoint, isIncoming: Bool, at now: Instant) {}
    /// A dial failed: the next try waits longer.
    package mutating func handleDialFailed(_ endpoint: PeerEndpoint, at now: Instant) {}
    /// A connection ended. `wasUseful`: it gave or took something, so it is soon worth another try.
    package mutating func handleClosed(_ endpoint: PeerEndpoint, wasUseful: Bool, at now: Instant) {}
    /// The peer turned out to be a seed, or not.
    package mutating func handleSeed(_ endpoint: PeerEndpoint, isSeed: Bool) {}
    /// An incoming peer told the port that it listens on: `dialable` is the same peer as `endpoint`.
    package mutating func handleListenPort(of endpoint: PeerEndpoint, dialable: PeerEndpoint, at now: Instant) {}
    /// The endpoint is ourselves: never dial it again.
    package mutating func handleSelf(_ endpoint: PeerEndpoint) {}
    /// Bans an address until `until` (nil: for good).
    package mutating func ban(_ address: IPAddress, reason: Misbehaviour, until: Instant? = nil) {}
    /// Whether `address` is banned now.
    package func isBanned(_ address: IPAddress, at now: Instant) -> Bool { false }
    /// Endpoints known.
    package var count: Int { 0 }
    /// Endpoints connected now.
    package var connectedCount: Int { 0 }
    /// When `nextToDial` may have more; nil: nobody waits.
    package func nextDialTime(at now: Instant) -> Instant? { nil }
    /// Endpoints that were reached of late, best first, for saved state and peer exchange.
    package func reachable(upTo count: Int) -> [PeerEndpoint] { [] }
}
