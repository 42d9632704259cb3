// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Requests for blocks.
extension Download {
    // MARK: - What peers offer

    mutating func handleChoke(by peer: ConnectedPeer, turn: Int, _ content: SwarmContent?, in batch: inout SwarmBatch) {
        guard !peer.download.chokesUs else { return }
        peer.download.chokesUs = true
        // With BEP 6 every request is still answered, by a block or a reject; without it, only blocks already sent
        // still arrive.
        guard !peer.isFast else { return }
        let outstanding = peer.download.pipeline.outstanding
        content?.picker.handleReleasedAll(by: peer.slot)
        peer.download.pipeline.handleReleased(outstanding, at: batch.now)
        peer.download.lateBlockAllowance += outstanding
        // It is asked again at once when it unchokes us, but not endlessly.
        peer.download.vainRefillCount += 1
        feedHungry(turn: turn)
    }

    mutating func handleUnchoke(by peer: ConnectedPeer, at now: Instant) {
        guard peer.download.chokesUs else { return }
        peer.download.chokesUs = false
        peer.download.pipeline.handleUnchoked(at: now)
        unsettled.insert(peer.slot)
    }

    func handleSuggest(_ piece: PieceIndex, by peer: ConnectedPeer) {
        // Only the latest are kept: the oldest are usually complete by now.
        if peer.download.suggests.count >= SwarmBounds.suggestions { peer.download.suggests.removeFirst() }
        peer.download.suggests.append(piece)
    }

    mutating func handleAllowedFast(_ piece: PieceIndex, by peer: ConnectedPeer) {
        guard peer.download.allowsUs.count < SwarmBounds.allowedFast else { return }
        peer.download.allowsUs.append(piece)
        unsettled.insert(peer.slot)
    }

    /// Handles a request that the peer rejects (BEP 6).
    mutating func handleReject(
        _ block: BlockRequest,
        by peer: ConnectedPeer,
        turn: Int,
        _ content: SwarmContent?,
        in batch: inout SwarmBatch
    ) {
        guard content?.picker.handleReleased(block, by: peer.slot) == true else {
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
        feedHungry(turn: turn)
    }

    // MARK: - Requesting

    /// Handles blocks that have become free: some peers with too few requests get more now, the others at the tick.
    mutating func feedHungry(turn: Int) {
        guard feedCount < SwarmBounds.feedsPerTick, !hungry.isEmpty else { return }
        work.add(hungry.count)
        for slot in hungry.sorted().turned(by: turn).prefix(SwarmBounds.feedsPerTick - feedCount) {
            feedCount += 1
            hungry.remove(slot)
            unsettled.insert(slot)
        }
    }

    /// Requests what the events of the batch have made possible.
    mutating func settle(among peers: borrowing PeerTable, _ content: SwarmContent?, in batch: inout SwarmBatch) {
        if isAllUnsettled {
            for slot in peers.occupied { if let peer = peers[slot] { refill(peer, content, in: &batch) } }
        } else {
            // In the order of slots, not of the set, which differs from run to run.
            settleScratch.append(contentsOf: unsettled)
            settleScratch.sort()
            work.add(settleScratch.count)
            for slot in settleScratch { if let peer = peers[slot] { refill(peer, content, in: &batch) } }
            settleScratch.removeAll(keepingCapacity: true)
        }
        isAllUnsettled = false
        unsettled.removeAll(keepingCapacity: true)
    }

    /// Requests as many blocks from the peer as its pipeline takes.
    private mutating func refill(_ peer: ConnectedPeer, _ content: SwarmContent?, in batch: inout SwarmBatch) {
        let usual = usualBlockTime(at: batch.now)
        guard let content, isTrusted(peer, content, at: batch.now), peer.answers.hasRoom,
            let query = peer.download.makeQuery(as: peer.slot, usualBlockTime: usual, at: batch.now)
        else { return }
        guard peer.download.vainRefillCount < SwarmBounds.vainRefillsPerTick else { return }
        requestScratch.removeAll(keepingCapacity: true)
        content.picker.nextRequests(query, from: peer.pieces, at: batch.now, into: &requestScratch)
        if requestScratch.count < query.count {
            peer.download.vainRefillCount += 1
            hungry.insert(peer.slot)
        }
        guard !requestScratch.isEmpty else { return }
        // A snubbed peer's requests, made to learn when it is back, are not relied on.
        if query.isSlow { content.picker.handleSnubbed(peer.slot) }
        for block in requestScratch { batch.add(.send(peer.slot, .request(block))) }
        peer.answers.handleSent(requestScratch.count * BlockRequest.requestByteCount)
        peer.lastSaidAt = batch.now
        peer.download.pipeline.handleSent(requestScratch.count, usualBlockTime: usual, at: batch.now)
    }

    /// Returns whether to request blocks from a peer: at a banned address only after it has sent correct ones.
    private func isTrusted(_ peer: ConnectedPeer, _ content: SwarmContent, at now: Instant) -> Bool {
        now >= peer.isDistrustedUntil || content.picker.isShownRight(peer.slot)
    }

    /// Returns the estimated time for a block from a peer about which nothing is known yet: as if a few shared the
    /// download rate.
    private func usualBlockTime(at now: Instant) -> Interval {
        let rate = meter.rateBytesPerSecond(at: now)
        guard rate > 0 else { return .zero }
        return .seconds(min(Double(UploadSlots.fewest * Block.byteCount) / rate, SwarmTiming.answer.seconds))
    }

    mutating func cancel(
        _ block: BlockRequest,
        at peer: ConnectedPeer,
        _ content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        content.picker.handleReleased(block, by: peer.slot)
        peer.download.pipeline.handleReleased(1, at: batch.now)
        peer.download.lateBlockAllowance += 1
        unsettled.insert(peer.slot)
        peer.send(.cancel(block), in: &batch)
    }
}
