// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Somebody who connected to us and was closed before naming a swarm.
public struct RefusedStranger: Hashable, Sendable {
    /// Why.
    public enum Reason: String, Hashable, Sendable {
        /// What came is neither BitTorrent nor encrypted BitTorrent, or not of the kind that we take.
        case notBitTorrent = "it sent something else than a BitTorrent handshake"
        /// `TransportLimits.incomingDeadline` passed.
        case tooSlow = "it did not finish its handshake in time"
        /// All places are taken (`TransportLimits.connections`, `pendingIncoming`), and nobody has to yield to it.
        case limit = "all places are taken, and its address has its share"
    }

    /// The other side.
    public let remote: PeerEndpoint
    /// Why it was closed.
    public let reason: Reason
}
