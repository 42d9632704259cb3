// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// How long a player's connection may do nothing.
///
///     beginning ──▶ requested ◀──▶ offered        requested: the torrent is waited for, as long as the player likes
///                     │   ▲
///                     ▼   │
///                     between
///
/// Owner: `PlayerConnection`.
package struct PlayerPatience: Sendable {
    private enum State {
        /// The first request has not arrived.
        case beginning(since: Instant)
        /// A response is being produced, and the player has taken everything so far.
        case requested
        /// Bytes are offered that the player has not taken.
        case offered(since: Instant)
        /// A response has ended, and no request has followed.
        case between(since: Instant)
    }

    private let limits: StreamingLimits
    private var state: State

    package init(at now: Instant, limits: StreamingLimits = .init()) {
        self.limits = limits
        state = .beginning(since: now)
    }

    package mutating func handleRequest() { state = .requested }
    package mutating func handleOffered(at now: Instant) { state = .offered(since: now) }
    package mutating func handleTaken() { state = .requested }
    package mutating func handleAnswered(at now: Instant) { state = .between(since: now) }

    /// Whether the connection should be closed.
    package func isOver(at now: Instant) -> Bool {
        switch state {
        case .beginning(let since): now - since >= limits.requestTimeout
        case .requested: false
        case .offered(let since): now - since >= limits.stalledTimeout
        case .between(let since): now - since >= limits.idleTimeout
        }
    }

    /// How often to ask: no limit is exceeded by more.
    package static let pace: Interval = .seconds(5)
}
