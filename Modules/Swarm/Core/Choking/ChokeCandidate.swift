// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What a choking round knows of a peer.
package struct ChokeCandidate: Hashable, Sendable {
    /// The peer.
    package var peer: PeerSlot
    /// When it connected.
    package var connectedAt: Instant
    /// It wants to download from us. Others are choked at no cost.
    package var isInterested = false
    /// We let it download at present.
    package var isUnchoked = false
    /// When we last unchoked it; nil: never.
    package var unchokedAt: Instant?
    /// Bytes sent to it since then.
    package var bytesSinceUnchoke = 0
    /// From it to us, over the last 20 s or so; bytes per second.
    package var downloadRate = 0.0
    /// From us to it, over the last 20 s or so; bytes per second.
    package var uploadRate = 0.0
    /// Everything it ever gave us on this connection; bytes.
    package var downloadedByteCount = 0
    /// It owes us blocks and is silent.
    package var isSnubbed = false
    /// Share of the pieces that it has, 0...1.
    package var progress = 0.0
    /// Always let it download, beyond the slots (a friend, a device of the same owner).
    package var isReserved = false

    /// A peer that is not interested, nor ever gave or took anything.
    package init(peer: PeerSlot, connectedAt: Instant) {
        self.peer = peer
        self.connectedAt = connectedAt
    }
}

/// Whom to unchoke and whom to choke. Those in neither list stay as they are.
package struct ChokeDecisions: Hashable, Sendable {
    /// To be unchoked.
    package var unchoke: [PeerSlot] = []
    /// To be choked.
    package var choke: [PeerSlot] = []

    /// No change.
    package init() {}
}
