// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Who sent the blocks of open pieces, by address: a slot is reused once its peer has left, and blame must not pass to
/// the next one there.
///
/// Bounded by the peers connected and the blocks of open pieces. Owner: `PiecePicker`.
struct BlockSenders: Sendable {
    private struct Sender: Sendable {
        var address: IPAddress
        /// One for the connection, and one for each of its blocks in an open piece.
        var uses: Int
    }

    private var senders: [Sender] = []
    private var freeSenders: [UInt32] = []
    /// The sender that each connected peer is, by slot.
    private var byPeer: [UInt32] = []

    mutating func handlePeerJoined(_ peer: PeerSlot, from address: IPAddress) {
        while byPeer.count <= peer.int { byPeer.append(OpenPieces.none) }
        handlePeerLeft(peer)
        let sender = Sender(address: address, uses: 1)
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

    /// One more block by `peer`; returns what to keep with the block.
    mutating func retain(_ peer: PeerSlot) -> UInt32 {
        guard peer.int < byPeer.count, byPeer[peer.int] != OpenPieces.none else { return OpenPieces.none }
        senders[Int(byPeer[peer.int])].uses += 1
        return byPeer[peer.int]
    }

    /// A block is of no more interest.
    mutating func release(_ id: UInt32) {
        guard id != OpenPieces.none else { return }
        senders[Int(id)].uses -= 1
        if senders[Int(id)].uses == 0 { freeSenders.append(id) }
    }

    func address(_ id: UInt32) -> IPAddress? { id == OpenPieces.none ? nil : senders[Int(id)].address }

    /// Senders remembered.
    var count: Int { senders.count - freeSenders.count }
}
