// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The facts about a peer on which choking decisions are based.
package struct ChokeCandidate: Hashable, Sendable {
    /// The peer.
    package var peer: PeerSlot
    /// The address that the peer shares its slots with.
    package var group: AddressGroup
    /// When the peer connected.
    package var connectedAt: Instant
    /// The peer wants to download from us. All others are choked, which costs nothing.
    package var isInterested = false
    /// The peer is unchoked at present.
    package var isUnchoked = false
    /// When we last unchoked the peer; nil if never.
    package var unchokedAt: Instant?
    /// The number of bytes sent to the peer since then.
    package var bytesSinceUnchoke = 0
    /// The rate from the peer to us over about the last 20 s, in bytes per second.
    package var downloadRate = 0.0
    /// The rate from us to the peer over about the last 20 s, in bytes per second.
    package var uploadRate = 0.0
    /// The number of bytes that the peer has sent us on this connection.
    package var downloadedByteCount = 0
    /// The peer owes us blocks but has stopped sending.
    package var isSnubbed = false
    /// The share of the pieces that the peer has, from 0 to 1.
    package var progress = 0.0
    /// The peer is always unchoked, in addition to the slots, for example because it is a device of the same user.
    package var isReserved = false
    /// When a peer of the address last held a slot, across all of its connections: now if one does; nil if not
    /// recently. The choker sets it if the policy shares slots by address.
    var groupHeldAt: Instant?
    /// The number of the address among those of the round. The choker sets it too.
    var groupNumber = 0
    /// Other peers of the same address want to download too, while other addresses wait. The choker sets it.
    var isCrowded = false
    /// Decides between equals. The choker draws it anew each time.
    var tieBreak: UInt64 = 0

    /// Creates a peer that is not interested and has not transferred anything.
    package init(peer: PeerSlot, in group: AddressGroup, connectedAt: Instant) {
        self.peer = peer
        self.group = group
        self.connectedAt = connectedAt
    }
}

/// Which peers to unchoke and which to choke. All others stay as they are.
package struct ChokeDecisions: Hashable, Sendable {
    /// Peers to unchoke.
    package var unchoke: [PeerSlot] = []
    /// Peers to choke.
    package var choke: [PeerSlot] = []

    /// Creates decisions that change nothing.
    package init() {}
}
