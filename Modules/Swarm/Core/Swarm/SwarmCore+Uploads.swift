// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
package import RucheWire

/// Requests of peers.
extension SwarmCore {
    /// Removes and returns the next block to send to `slot`; nil if there is none.
    package mutating func nextUpload(for slot: PeerSlot) -> BlockRequest? {
        peers[slot]?.upload.queue.popFirst()
    }

    /// Returns whether blocks wait to be sent to `slot`.
    package func hasUploads(for slot: PeerSlot) -> Bool { peers[slot]?.upload.queue.isEmpty == false }

    /// Handles a block that was passed to the peer's socket.
    package mutating func handleUploaded(_ block: BlockRequest, to slot: PeerSlot, in batch: inout SwarmBatch) {
        let byteCount = Int(block.length)
        upload.handleBytes(byteCount, at: batch.now)
        content?.superSeeding?.handleUploaded(block, to: slot, at: batch.now)
        guard let peer = peers[slot] else { return }
        peer.upload.meter.handleBytes(byteCount, at: batch.now)
        peer.upload.bytesSinceUnchoke += byteCount
        peer.lastSaidAt = batch.now
    }

    /// Handles a block that could not be read.
    package mutating func handleUnreadable(_ block: BlockRequest, for slot: PeerSlot, in batch: inout SwarmBatch) {
        reject(block, slot, in: &batch)
    }

    mutating func handleRequest(_ block: BlockRequest, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        // The content's fields are read one by one: copying it for each request would show in a profile.
        guard let peer = peers[slot] else { return }
        guard let geometry = content?.geometry else { return reject(block, slot, in: &batch) }
        guard geometry.contains(block), block.length <= PeerLimits().blockByteCount else {
            reject(block, slot, in: &batch)
            return misbehave(.requestOutOfRange, by: slot, in: &batch)
        }
        guard content?.picker.have[block.piece] == true else {
            reject(block, slot, in: &batch)
            // The peer may not know yet that the piece was dropped.
            guard block.piece.int >= content?.picker.firstPiece ?? 0 else { return }
            return misbehave(.requestNotHad, by: slot, in: &batch)
        }
        let isAllowed = !peer.upload.isChoked || isAllowedFast(block.piece, peer)
        let isShown = content?.superSeeding?.isRevealed(block.piece, to: slot) ?? true
        guard isAllowed, isShown, peer.upload.queue.count < limits.queuedRequestsPerPeer else {
            peer.upload.rejectedCount += 1
            reject(block, slot, in: &batch)
            guard peer.upload.rejectedCount > SwarmBounds.rejectedRequests else { return }
            return misbehave(.floodOfRequests, by: slot, in: &batch)
        }
        peer.upload.queue.append(block)
        batch.add(.upload(slot))
        suggestMore(after: block.piece, to: slot, in: &batch)
    }

    /// Returns whether a choked peer may have `piece` anyway (BEP 6): while it has little to trade with.
    private func isAllowedFast(_ piece: PieceIndex, _ peer: ConnectedPeer) -> Bool {
        guard peer.upload.allowedFast.contains(piece) else { return false }
        return peer.pieces.setCount(of: content?.geometry.pieceCount ?? 0) < AllowedFast.defaultCount
    }

    private func hasFreeUploadSlot(at now: Instant) -> Bool {
        unchokedCount < choker.slotCount(forRateBytesPerSecond: upload.steadyRateBytesPerSecond(at: now))
    }

    mutating func handleCancel(_ block: BlockRequest, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        work.add(peer.upload.queue.count / 8)
        guard let index = peer.upload.queue.firstIndex(of: block) else { return }
        peer.upload.queue.remove(at: index)
        // BEP 6: a cancelled request is answered too.
        reject(block, slot, in: &batch)
    }

    // MARK: - Choking

    mutating func handleInterest(_ isInterested: Bool, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot], peer.upload.isInterested != isInterested else { return }
        peer.upload.isInterested = isInterested
        // No peer has to wait for the next round while slots are free, or keeps one that it has no use for.
        if isInterested {
            guard batch.now >= mayFillAt else { return }
            fillAtOnce(in: &batch)
            if peer.upload.isChoked { mayFillAt = batch.now + SwarmTiming.tick / 2 }
        } else if !peer.upload.isChoked {
            choke(slot, in: &batch)
            fillAtOnce(in: &batch)
        }
    }

    /// Assigns free slots now rather than at the tick, unless that was done many times since the last: it costs a scan
    /// of all peers, and a message of five bytes causes it.
    private mutating func fillAtOnce(in batch: inout SwarmBatch) {
        guard fillCount < SwarmBounds.fillsPerTick else { return }
        fillCount += 1
        fillUploadSlots(in: &batch)
    }

    /// Decides anew which peers may download from us.
    mutating func runChokeRound(in batch: inout SwarmBatch) {
        var decisions = ChokeDecisions()
        let candidates = candidates(batch.now)
        choker.handle(.round, candidates, isSeed: servesAsSeed, at: batch.now, using: &random, into: &decisions)
        carryOut(decisions, in: &batch)
    }

    /// Assigns free slots between two rounds. O(peers) if one is free and wanted, otherwise O(1).
    mutating func fillUploadSlots(in batch: inout SwarmBatch) {
        guard hasFreeUploadSlot(at: batch.now) else { return }
        var decisions = ChokeDecisions()
        let candidates = candidates(batch.now)
        choker.handle(.vacancy, candidates, isSeed: servesAsSeed, at: batch.now, using: &random, into: &decisions)
        carryOut(decisions, in: &batch)
    }

    /// Whether no peer has anything for us now: then comparing what they give is pointless.
    private var servesAsSeed: Bool { content?.shape.isClosed == false ? isCaughtUp : isSeed }

    private func candidates(_ now: Instant) -> [UnchokeCandidate] {
        // The choker passes over them several times.
        work.add(8 * peers.count)
        return peers.occupied.compactMap { makeCandidate($0, at: now) }
    }

    private mutating func carryOut(_ decisions: ChokeDecisions, in batch: inout SwarmBatch) {
        for slot in decisions.choke { choke(slot, in: &batch) }
        for slot in decisions.unchoke { unchoke(slot, in: &batch) }
    }

    private func makeCandidate(_ slot: PeerSlot, at now: Instant) -> UnchokeCandidate? {
        guard let peer = peers[slot], let pieceCount = content?.geometry.pieceCount else { return nil }
        var candidate = UnchokeCandidate(peer.endpoint, id: peer.id, connectedAt: peer.connectedAt)
        candidate.peer = slot
        candidate.isInterested = peer.upload.isInterested
        candidate.isUnchoked = !peer.upload.isChoked
        candidate.unchokedAt = peer.upload.unchokedAt
        candidate.bytesSinceUnchoke = peer.upload.bytesSinceUnchoke
        candidate.downloadBytesPerSecond = peer.download.meter.rateBytesPerSecond(at: now)
        candidate.uploadBytesPerSecond = peer.upload.meter.steadyRateBytesPerSecond(at: now)
        candidate.downloadedByteCount = peer.download.meter.totalByteCount
        candidate.isSnubbed = peer.download.pipeline.isSnubbed(at: now)
        candidate.progress = Double(peer.pieces.setCount(of: pieceCount)) / Double(max(1, pieceCount))
        return candidate
    }

    private mutating func unchoke(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot], peer.upload.isChoked, peer.answers.mayRefuse else { return }
        peer.upload.isChoked = false
        unchokedCount += 1
        peer.upload.unchokedAt = batch.now
        peer.upload.bytesSinceUnchoke = 0
        suggest(to: slot, in: &batch)
        send(.unchoke, to: slot, in: &batch)
    }

    private mutating func choke(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot], !peer.upload.isChoked else { return }
        peer.upload.isChoked = true
        unchokedCount -= 1
        peer.upload.rejectedCount = 0
        content?.firstCopies.handleEnded(slot)
        send(.choke, to: slot, in: &batch)
        // Copied, because the queue cannot be changed while another part of the same struct is read.
        let allowedFast = peer.upload.allowedFast
        let refused = peer.upload.queue.filter { !allowedFast.contains($0.piece) }
        peer.upload.queue.removeAll { !allowedFast.contains($0.piece) }
        for block in refused { reject(block, slot, in: &batch) }
    }
}
