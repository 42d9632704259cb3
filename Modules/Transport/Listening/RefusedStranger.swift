// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A peer that connected to us and was closed before it named a swarm.
package struct RefusedStranger: Hashable, Sendable {
    /// Why it was closed.
    package enum Reason: String, Hashable, Sendable {
        /// It sent neither BitTorrent nor encrypted BitTorrent, or a kind that we do not accept.
        case notBitTorrent = "it did not send a BitTorrent handshake"
        /// `TransportLimits.incomingDeadline` passed.
        case tooSlow = "it did not finish its handshake in time"
        /// All places are taken (`TransportLimits.connections`, `pendingIncoming`), and no connection gives way to it.
        case limit = "all places are taken, and its address already has its share"
    }

    /// The other side's endpoint.
    package let remote: PeerEndpoint
    /// Why it was closed.
    package let reason: Reason
}
