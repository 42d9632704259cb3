// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// A peer that wants to download from us, as an `UnchokePolicy` sees it.
///
/// Only the endpoint and the transferred bytes are certain. The rest is what the peer says about itself.
public struct UnchokeCandidate: Hashable, Sendable {
    /// The other side of the connection.
    public var endpoint: PeerEndpoint
    /// The peer id in the peer's handshake.
    public var id: PeerID
    /// When the peer connected.
    public var connectedAt: Instant
    /// Whether the peer may download from us at present.
    public var isUnchoked = false
    /// When we last unchoked the peer; nil if never.
    public var unchokedAt: Instant?
    /// The number of bytes sent to the peer since then.
    public var bytesSinceUnchoke = 0
    /// The rate from the peer to us over about the last 20 s.
    public var downloadBytesPerSecond = 0.0
    /// The rate from us to the peer over about the last 20 s.
    public var uploadBytesPerSecond = 0.0
    /// The number of bytes that the peer has sent us on this connection.
    public var downloadedByteCount = 0
    /// Whether the peer owes us blocks but has stopped sending.
    public var isSnubbed = false
    /// The share of the pieces that the peer has, from 0 to 1.
    public var progress = 0.0
    /// When a peer of the same address last held a slot, across all of its connections: now if one does; nil if not
    /// recently, or if the policy does not share slots by address.
    public var addressHeldAt: Instant?
    /// Whether other peers of the same address want to download too, while other addresses wait. False if the policy does
    /// not share slots by address.
    public var isCrowded = false

    /// The peer.
    package var peer = PeerSlot(rawValue: 0)
    /// The peer wants to download from us. All others are choked, which costs nothing.
    package var isInterested = true
    /// The number of the address among those of the round. The choker sets it.
    var groupNumber = 0
    /// Decides between equals. The choker draws it anew each time.
    var tieBreak: UInt64 = 0

    /// Creates a peer that has not transferred anything.
    public init(_ endpoint: PeerEndpoint, id: PeerID, connectedAt: Instant) {
        self.endpoint = endpoint
        self.id = id
        self.connectedAt = connectedAt
    }

    /// The address that the peer shares its slots with.
    var group: AddressGroup { endpoint.address.group }
}
