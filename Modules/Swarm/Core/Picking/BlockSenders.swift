// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Who sent the blocks of open pieces: a slot is reused once its peer has left, and blame must not pass to
/// the next one there.
///
/// Bounded by the number of connected peers and of blocks in open pieces. `PiecePicker` owns it.
struct BlockSenders: Sendable {
    private struct Sender: Sendable {
        var source: BlockSource
        /// One for the connection, and one for each of its blocks in an open piece.
        var uses: Int
        /// A piece with one of its blocks has verified.
        var isShownRight = false
    }

    private var senders: [Sender] = []
    private var freeSenders: [UInt32] = []
    /// The sender of each connected peer, by slot.
    private var byPeer: [UInt32] = []

    mutating func handlePeerJoined(_ peer: PeerSlot, as source: BlockSource) {
        while byPeer.count <= peer.int { byPeer.append(OpenPieces.none) }
        handlePeerLeft(peer)
        let sender = Sender(source: source, uses: 1)
        if let id = freeSenders.popLast() {
            senders[Int(id)] = sender
            byPeer[peer.int] = id
        } else {
            senders.append(sender)
            byPeer[peer.int] = UInt32(truncatingIfNeeded: senders.count - 1)
        }
    }

    mutating func handlePeerLeft(_ peer: PeerSlot) {
        guard peer.int < byPeer.count else { return }
        release(byPeer[peer.int])
        byPeer[peer.int] = OpenPieces.none
    }

    /// Counts one more block from `peer`, and returns the id to store with the block.
    mutating func retain(_ peer: PeerSlot) -> UInt32 {
        guard peer.int < byPeer.count, byPeer[peer.int] != OpenPieces.none else { return OpenPieces.none }
        senders[Int(byPeer[peer.int])].uses += 1
        return byPeer[peer.int]
    }

    /// Counts one block less, because the block has been dropped or its piece closed.
    mutating func release(_ id: UInt32) {
        guard id != OpenPieces.none else { return }
        senders[Int(id)].uses -= 1
        if senders[Int(id)].uses == 0 { freeSenders.append(id) }
    }

    /// Records that the piece of a block from this sender has verified.
    mutating func handleVerified(_ id: UInt32) {
        guard id != OpenPieces.none else { return }
        senders[Int(id)].isShownRight = true
    }

    /// Returns whether a piece with a block of this connection has verified.
    func isShownRight(_ peer: PeerSlot) -> Bool {
        guard peer.int < byPeer.count, byPeer[peer.int] != OpenPieces.none else { return false }
        return senders[Int(byPeer[peer.int])].isShownRight
    }

    /// Returns the source of a connected peer's blocks.
    func source(of peer: PeerSlot) -> BlockSource? { peer.int < byPeer.count ? source(byPeer[peer.int]) : nil }

    func source(_ id: UInt32) -> BlockSource? { id == OpenPieces.none ? nil : senders[Int(id)].source }

    /// The number of senders in use.
    var count: Int { senders.count - freeSenders.count }
}
