// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Answers to requests.
extension PiecePicker {
    /// Handles the first bytes of `block` from `peer`. Returns nil if it was not requested from it, or is already
    /// complete.
    package mutating func handleBlockBegun(_ block: BlockRequest, from peer: PeerSlot) -> BlockArrival? {
        guard let index = blockIndex(of: block), !open.blocks[index].isReceived,
            let id = outstanding.find(peer, in: open.blocks[index].link)
        else { return nil }
        let place = place(forAnswer: id, of: index)
        let generation = outstanding.begin(id, at: place)
        return BlockArrival(block: block, place: place.place, request: id, generation: generation)
    }

    /// Returns whether the bytes of an arrival are still useful: no other peer has delivered the block, and its piece
    /// is open.
    package func isArriving(_ arrival: BlockArrival) -> Bool {
        outstanding.isCurrent(arrival.request, arrival.generation)
    }

    private mutating func place(forAnswer id: UInt32, of block: Int) -> BlockPlaceCode {
        let held = outstanding[id].place
        guard held == .nowhere else { return held }
        if !open.blocks[block].isOwned {
            open.blocks[block].isOwned = true
            return .piece
        }
        return spareCells.take().map(BlockPlaceCode.cell) ?? .nowhere
    }

    /// Releases the place of a request's answer.
    private mutating func releasePlace(of id: UInt32, block: Int) {
        switch outstanding[id].place.place {
        case .piece: open.blocks[block].isOwned = false
        case .spare(let cell): spareCells.giveBack(cell)
        case .nowhere: break
        }
    }

    /// Handles a complete block. Appends to `cancels` the other peers from which it was requested; cancel these
    /// requests.
    package mutating func handleReceived(
        _ block: BlockRequest,
        from peer: PeerSlot,
        at now: Instant,
        cancels: inout [PeerSlot]
    ) -> Reception {
        guard let index = blockIndex(of: block) else {
            guard have[block.piece] else { return .unrequested }
            redundantByteCount += Int(block.length)
            return .duplicate
        }
        guard !open.blocks[index].isReceived else {
            redundantByteCount += Int(block.length)
            return .duplicate
        }
        guard outstanding.find(peer, in: open.blocks[index].link) != nil else { return .unrequested }
        removeRequests(ofBlock: index, deliveredBy: peer, &cancels)
        requesters.handleDelivered(peer)
        let sender = senders.retain(peer)
        open.update(block: index) {
            $0.isReceived = true
            $0.link = sender
        }
        acceptedByteCount += Int(block.length)
        partialByteCount += Int(block.length)
        let slot = index / open.blocksPerSlot
        open.touch(slot, at: now)
        return .accepted(completesPiece: open.slots[slot].receivedCount == open.slots[slot].blockCount)
    }

    /// Handles a request that `peer` will not answer, because it rejected the request or we cancelled it. Returns false
    /// if there is no such request.
    @discardableResult
    package mutating func handleReleased(_ block: BlockRequest, by peer: PeerSlot) -> Bool {
        guard let index = blockIndex(of: block), !open.blocks[index].isReceived,
            let id = outstanding.find(peer, in: open.blocks[index].link)
        else { return false }
        release(id)
        return true
    }

    /// Handles a peer that will answer none of its requests, because it choked us without BEP 6.
    package mutating func handleReleasedAll(by peer: PeerSlot) {
        work.add(outstanding.list(of: peer).count)
        while case let id = outstanding.list(of: peer).first, id != OpenPieces.none { release(id) }
    }

    /// Handles a snubbed peer: its blocks may be requested from others, but are still accepted from it. A block that
    /// has started to arrive is not: it can no longer be cancelled, and must be complete within `SwarmTiming.message`.
    package mutating func handleSnubbed(_ peer: PeerSlot) {
        work.add(outstanding.list(of: peer).count)
        var id = outstanding.list(of: peer).first
        while id != OpenPieces.none {
            if outstanding[id].place == .nowhere, outstanding.soften(id) {
                open.update(block: Int(outstanding[id].block)) { $0.firmCount -= 1 }
            }
            id = outstanding[id].nextOfPeer
        }
    }

    private mutating func release(_ id: UInt32) {
        let block = Int(outstanding[id].block)
        unlink(id, from: block)
        closeIfUntouched(block / open.blocksPerSlot)
    }

    /// Forgets a request for `block`, and the part of its answer that has arrived.
    mutating func unlink(_ id: UInt32, from block: Int) {
        releasePlace(of: id, block: block)
        let isFirm = !outstanding[id].isSoft
        var link = open.blocks[block].link
        outstanding.remove(id, from: &link)
        open.update(block: block) {
            $0.link = link
            $0.firmCount -= isFirm ? 1 : 0
            $0.requesterCount -= 1
        }
    }

    private mutating func removeRequests(ofBlock block: Int, deliveredBy peer: PeerSlot, _ cancels: inout [PeerSlot]) {
        while case let id = open.blocks[block].link, id != OpenPieces.none {
            if outstanding[id].peer != peer { cancels.append(outstanding[id].peer) }
            unlink(id, from: block)
        }
    }

    /// Returns the index in `open.blocks` of a block of an open piece; nil unless offset and length match exactly.
    private func blockIndex(of block: BlockRequest) -> Int? {
        guard let slot = openSlot(of: block.piece) else { return nil }
        let index = Int(block.offset) / Block.byteCount
        guard index < open.slots[slot].blockCount, geometry.block(index, of: block.piece) == block else { return nil }
        return open.firstBlock(of: slot) + index
    }
}
