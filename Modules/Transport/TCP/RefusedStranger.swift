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
        /// `TransportLimits.pendingIncoming` or `pendingIncomingPerAddress` is reached.
        case limit = "too many connections wait for their handshakes"
    }

    /// The other side.
    public let remote: PeerEndpoint
    /// Why it was closed.
    public let reason: Reason
}
