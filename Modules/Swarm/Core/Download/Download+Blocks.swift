// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Blocks that arrive.
extension Download {
    /// Handles a complete block. Returns whether it now belongs to its piece.
    mutating func handleBlock(
        _ arrival: BlockArrival,
        from peer: ConnectedPeer,
        among peers: borrowing PeerTable,
        _ content: SwarmContent,
        in batch: inout SwarmBatch
    ) -> Bool {
        guard content.picker.isArriving(arrival) else {
            handleUnwanted(arrival.block, from: peer, in: &batch)
            return false
        }
        guard arrival.place != .nowhere else {
            handleUnplaced(arrival.block, from: peer, turn: peers.turn, content, at: batch.now)
            return false
        }
        return handleWhole(arrival.block, from: peer, among: peers, content, in: &batch)
    }

    /// Handles a requested copy for which no cell was free, which is not the peer's fault. The block is requested
    /// again.
    private mutating func handleUnplaced(
        _ block: BlockRequest,
        from peer: ConnectedPeer,
        turn: Int,
        _ content: SwarmContent,
        at now: Instant
    ) {
        peer.lastHeardAt = now
        peer.download.pipeline.handleReceived(byteCount: Int(block.length), at: now)
        wastedByteCount += Int(block.length)
        content.picker.handleReleased(block, by: peer.slot)
        unsettled.insert(peer.slot)
        feedHungry(turn: turn)
    }

    private mutating func handleWhole(
        _ block: BlockRequest,
        from peer: ConnectedPeer,
        among peers: borrowing PeerTable,
        _ content: SwarmContent,
        in batch: inout SwarmBatch
    ) -> Bool {
        let byteCount = Int(block.length)
        peer.lastHeardAt = batch.now
        peer.download.isHeldAsSnubbed = false
        peer.download.vainRefillCount = 0
        peer.download.meter.handleBytes(byteCount, at: batch.now)
        peer.download.pipeline.handleReceived(byteCount: byteCount, at: batch.now)
        meter.handleBytes(byteCount, at: batch.now)
        unsettled.insert(peer.slot)
        cancelScratch.removeAll(keepingCapacity: true)
        let reception = content.picker.handleReceived(block, from: peer.slot, at: batch.now, cancels: &cancelScratch)
        for slot in cancelScratch { if let other = peers[slot] { cancel(block, at: other, content, in: &batch) } }
        switch reception {
        case .accepted(completesPiece: true):
            batch.add(.judge(block.piece, wantsDigests: content.smartBan.remembers(block.piece)))
        case .accepted: break
        case .duplicate, .unrequested:
            wastedByteCount += byteCount
            return false
        }
        return true
    }

    /// Handles an unwanted block: after a cancel or a choke it does not count against the peer; otherwise it does.
    mutating func handleUnwanted(_ block: BlockRequest, from peer: ConnectedPeer, in batch: inout SwarmBatch) {
        peer.lastHeardAt = batch.now
        wastedByteCount += Int(block.length)
        guard peer.download.lateBlockAllowance > 0 else { return batch.accuse(peer, of: .unrequestedBlock) }
        peer.download.lateBlockAllowance -= 1
    }

    /// Handles a block that a peer is about to send, requested or not: a web seed without ranges sends each file from
    /// beginning to end. Returns whether to accept it like a requested one; otherwise skip it.
    func handleOffer(_ block: BlockRequest, from peer: ConnectedPeer, _ content: SwarmContent, at now: Instant) -> Bool
    {
        guard peer.pieces[block.piece] else { return false }
        switch content.picker.handleOffer(block, by: peer.slot, at: now) {
        case .asked: return true
        case .taken:
            peer.download.pipeline.handleSent(1, at: now)
            return true
        case .declined: return false
        }
    }
}
