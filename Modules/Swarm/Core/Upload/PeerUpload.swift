// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheWire

/// What we upload to one peer. Owner: `ConnectedPeer`; only the upload changes it.
package struct PeerUpload {
    /// We are choking the peer.
    package var isChoked = true
    /// The peer has told us that it is interested in our pieces.
    package var isInterested = false
    /// When the peer was last unchoked; nil if never.
    var unchokedAt: Instant?
    /// The bytes of blocks sent since then.
    var bytesSinceUnchoke = 0
    /// Blocks sent to it.
    package var meter: RateMeter
    /// The blocks that it has requested and not been sent.
    var queue = Deque<BlockRequest>()
    /// The pieces that we send it even while we choke it (BEP 6).
    var allowedFast: Set<PieceIndex> = []
    /// The number of its requests that we have rejected since the last choke.
    var rejectedCount = 0
    /// Its position in the `HaveLog`: it has not been told of pieces from there on.
    var toldHaves = 0
    /// Our pieces are revealed to it one by one (BEP 16).
    var isSuperSeeded = false

    /// Creates the state of a choked peer that has requested nothing.
    init(at now: Instant) { meter = RateMeter(at: now) }
}
