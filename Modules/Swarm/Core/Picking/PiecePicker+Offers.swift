// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Blocks that come without having been asked for, since their sender cannot choose.
extension PiecePicker {
    /// What becomes of such a block.
    package enum OfferReply: Hashable, Sendable {
        /// It was asked of this peer before.
        case asked
        /// It counts as asked of this peer from now on.
        case taken
        /// It is here, asked of somebody else, not wanted, or there is no room to begin its piece.
        case declined
    }

    /// `peer` is about to send `block` by itself.
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
