// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Blocks that arrive without a request, from senders that cannot choose what they send.
extension PiecePicker {
    /// What to do with such a block.
    package enum OfferReply: Hashable, Sendable {
        /// It has already been requested from this peer.
        case asked
        /// It counts as requested from this peer from now on.
        case taken
        /// It has been received, is requested from another peer, is not wanted, or the budget does not allow its piece.
        case declined
    }

    /// Handles a block that `peer` is about to send without a request.
    package mutating func handleOffer(_ block: BlockRequest, by peer: PeerSlot, at now: Instant) -> OfferReply {
        let index = Int(block.offset) / Block.byteCount
        guard wants(block.piece), index < geometry.blockCount(of: block.piece),
            geometry.block(index, of: block.piece) == block
        else { return .declined }
        guard let slot = openSlot(of: block.piece) ?? beginOffered(block.piece, peer, now) else { return .declined }
        let place = open.firstBlock(of: slot) + index
        guard !open.blocks[place].isReceived else { return .declined }
        if outstanding.find(peer, in: open.blocks[place].link) != nil { return .asked }
        guard open.blocks[place].isFree else { return .declined }
        ask(peer, forBlock: place, now, expectedAt: now)
        open.touch(slot, at: now)
        return .taken
    }

    private mutating func beginOffered(_ piece: PieceIndex, _ peer: PeerSlot, _ now: Instant) -> Int? {
        guard hasRoom(for: piece.int) else { return nil }
        return begin(piece.int, PickQuery(peer: peer, count: 1), now)
    }
}
