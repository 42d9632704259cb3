// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Requests to peers, and their outcome.
extension SwarmCore {
    /// Handles the first bytes of a block from `slot`, and returns where they belong. Nil if none is expected: skip the
    /// block, and report it with `handleUnwanted` once it has passed.
    package mutating func handleBlockBegun(_ block: BlockRequest, from slot: PeerSlot) -> BlockArrival? {
        content?.picker.handleBlockBegun(block, from: slot)
    }

    /// Returns whether further bytes of an arrival are kept. Call it before each write: another peer may have delivered
    /// the block.
    package func isArriving(_ arrival: BlockArrival) -> Bool { content?.picker.isArriving(arrival) ?? false }

    /// Handles a complete block. Returns whether it now belongs to its piece. Bytes in a spare cell must be copied to
    /// the block's place before the effects are executed.
    package mutating func handleBlock(
        _ arrival: BlockArrival,
        from slot: PeerSlot,
        in batch: inout SwarmBatch
    ) -> Bool {
        guard isArriving(arrival) else {
            handleUnwanted(arrival.block, from: slot, in: &batch)
            return false
        }
        guard arrival.place != .nowhere else {
            handleUnplaced(arrival.block, from: slot, at: batch.now)
            return false
        }
        return handleWhole(arrival.block, from: slot, in: &batch)
    }

    /// Handles a requested copy for which no cell was free, which is not the peer's fault. The block is requested
    /// again.
    private mutating func handleUnplaced(_ block: BlockRequest, from slot: PeerSlot, at now: Instant) {
        guard let peer = peers[slot] else { return }
        peer.lastHeardAt = now
        peer.download.pipeline.handleReceived(byteCount: Int(block.length), at: now)
        wastedByteCount += Int(block.length)
        content?.picker.handleReleased(block, by: slot)
        unsettled.insert(slot)
        feedHungry()
    }

    private mutating func handleWhole(_ block: BlockRequest, from slot: PeerSlot, in batch: inout SwarmBatch) -> Bool {
        guard let peer = peers[slot], content != nil else { return false }
        let byteCount = Int(block.length)
        peer.lastHeardAt = batch.now
        peer.download.isHeldAsSnubbed = false
        peer.download.vainRefillCount = 0
        peer.download.meter.handleBytes(byteCount, at: batch.now)
        peer.download.pipeline.handleReceived(byteCount: byteCount, at: batch.now)
        download.handleBytes(byteCount, at: batch.now)
        unsettled.insert(slot)
        cancelScratch.removeAll(keepingCapacity: true)
        let reception = content?.picker.handleReceived(block, from: slot, at: batch.now, cancels: &cancelScratch)
        for other in cancelScratch { cancel(block, at: other, in: &batch) }
        switch reception {
        case .accepted(completesPiece: true):
            let wantsDigests = content?.smartBan.remembers(block.piece) ?? false
            batch.add(.judge(block.piece, wantsDigests: wantsDigests))
        case .accepted: break
        case .duplicate, .unrequested, nil:
            wastedByteCount += byteCount
            return false
        }
        return true
    }

    /// Handles an unwanted block: after a cancel or a choke it does not count against the peer; otherwise it does.
    package mutating func handleUnwanted(_ block: BlockRequest, from slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        peer.lastHeardAt = batch.now
        wastedByteCount += Int(block.length)
        guard peer.download.lateBlockAllowance > 0 else {
            return misbehave(.unrequestedBlock, by: slot, in: &batch)
        }
        peer.download.lateBlockAllowance -= 1
    }

    /// Handles a request that the peer rejects (BEP 6).
    mutating func handleReject(_ block: BlockRequest, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        guard content?.picker.handleReleased(block, by: slot) == true else {
            // It answers a cancel.
            peer.download.lateBlockAllowance = max(0, peer.download.lateBlockAllowance - 1)
            return
        }
        peer.download.pipeline.handleReleased(1, at: batch.now)
        if peer.download.chokesUs {
            peer.download.allowsUs.removeAll { $0 == block.piece }
        } else {
            // It would be asked for the same again at once, and so on for ever: others come first.
            peer.download.restsUntil = batch.now + SwarmTiming.tick
        }
        feedHungry()
    }

    /// Handles blocks that have become free: some peers with too few requests get more now, the others at the tick.
    mutating func feedHungry() {
        guard feedCount < SwarmBounds.feedsPerTick, !hungry.isEmpty else { return }
        work.add(hungry.count)
        for slot in hungry.sorted().turned(by: turn).prefix(SwarmBounds.feedsPerTick - feedCount) {
            feedCount += 1
            hungry.remove(slot)
            unsettled.insert(slot)
        }
    }

    /// Requests as many blocks from `slot` as its pipeline takes.
    mutating func refill(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        let usual = usualBlockTime(at: batch.now)
        guard hasStarted, let peer = peers[slot], isTrusted(peer, in: slot, at: batch.now), peer.answers.hasRoom,
            let query = peer.download.makeQuery(as: slot, usualBlockTime: usual, at: batch.now)
        else { return }
        guard peer.download.vainRefillCount < SwarmBounds.vainRefillsPerTick else { return }
        requestScratch.removeAll(keepingCapacity: true)
        content?.picker.nextRequests(query, from: peer.pieces, at: batch.now, into: &requestScratch)
        if requestScratch.count < query.count {
            peer.download.vainRefillCount += 1
            hungry.insert(slot)
        }
        guard !requestScratch.isEmpty else { return }
        // A snubbed peer's requests, made to learn when it is back, are not relied on.
        if query.isSlow { content?.picker.handleSnubbed(slot) }
        for block in requestScratch { batch.add(.send(slot, .request(block))) }
        peer.answers.handleSent(requestScratch.count * BlockRequest.requestByteCount)
        peer.lastSaidAt = batch.now
        peer.download.pipeline.handleSent(requestScratch.count, usualBlockTime: usual, at: batch.now)
    }

    /// Returns whether to request blocks from a peer: at a banned address only after it has sent correct ones.
    private func isTrusted(_ peer: ConnectedPeer, in slot: PeerSlot, at now: Instant) -> Bool {
        now >= peer.isDistrustedUntil || content?.picker.isShownRight(slot) == true
    }

    /// Returns the estimated time for a block from a peer about which nothing is known yet: as if a few shared the
    /// download rate.
    private func usualBlockTime(at now: Instant) -> Interval {
        let rate = download.rateBytesPerSecond(at: now)
        guard rate > 0 else { return .zero }
        return .seconds(min(Double(UploadSlots.fewest * Block.byteCount) / rate, SwarmTiming.answer.seconds))
    }

    mutating func cancel(_ block: BlockRequest, at slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        content?.picker.handleReleased(block, by: slot)
        peer.download.pipeline.handleReleased(1, at: batch.now)
        peer.download.lateBlockAllowance += 1
        unsettled.insert(slot)
        send(.cancel(block), to: slot, in: &batch)
    }
}
