// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
package import RucheWire

/// What peers ask of us.
extension SwarmCore {
    /// Takes the next block to send to `slot` out of its queue; nil where there is none.
    package mutating func nextUpload(for slot: PeerSlot) -> BlockRequest? {
        peers[slot]?.uploads.popFirst()
    }

    /// Whether blocks wait to be sent to `slot`.
    package func hasUploads(for slot: PeerSlot) -> Bool { peers[slot]?.uploads.isEmpty == false }

    /// A block was handed to the peer's socket.
    package mutating func handleUploaded(_ block: BlockRequest, to slot: PeerSlot, at now: Instant) {
        let byteCount = Int(block.length)
        upload.handleBytes(byteCount, at: now)
        guard let peer = peers[slot] else { return }
        peer.upload.handleBytes(byteCount, at: now)
        peer.bytesSinceUnchoke += byteCount
        peer.lastSaidAt = now
    }

    /// A block that was to be sent could not be read.
    package mutating func handleUnreadable(
        _ block: BlockRequest,
        for slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        reject(block, slot, at: now, into: &effects)
    }

    mutating func handleRequest(
        _ block: BlockRequest,
        _ slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        // Of the content field by field: a copy of it for each request would show in a profile.
        guard let peer = peers[slot] else { return }
        guard let geometry = content?.geometry else { return reject(block, slot, at: now, into: &effects) }
        guard geometry.contains(block), block.length <= PeerLimits().blockByteCount else {
            reject(block, slot, at: now, into: &effects)
            return misbehave(.requestOutOfRange, by: slot, at: now, into: &effects)
        }
        guard content?.picker.have[block.piece] == true else {
            reject(block, slot, at: now, into: &effects)
            return misbehave(.requestNotHad, by: slot, at: now, into: &effects)
        }
        let isAllowed = !peer.isChoked || isAllowedFast(block.piece, peer)
        let isShown = content?.superSeeding?.isRevealed(block.piece, to: slot) ?? true
        guard isAllowed, isShown, peer.uploads.count < limits.queuedRequestsPerPeer else {
            peer.rejectedCount += 1
            reject(block, slot, at: now, into: &effects)
            guard peer.rejectedCount > SwarmBounds.rejectedRequests else { return }
            return misbehave(.floodOfRequests, by: slot, at: now, into: &effects)
        }
        peer.uploads.append(block)
        effects.append(.upload(slot))
        suggestMore(after: block.piece, to: slot, at: now, into: &effects)
    }

    /// Whether a choked peer may have `piece` nevertheless (BEP 6): while it has little to trade with.
    private func isAllowedFast(_ piece: PieceIndex, _ peer: ConnectedPeer) -> Bool {
        guard peer.allowedFast.contains(piece) else { return false }
        return peer.pieces.setCount(of: content?.geometry.pieceCount ?? 0) < AllowedFast.defaultCount
    }

    private func hasFreeUploadSlot(at now: Instant) -> Bool {
        unchokedCount < choker.slotCount(forRateBytesPerSecond: upload.steadyRateBytesPerSecond(at: now))
    }

    mutating func handleCancel(
        _ block: BlockRequest,
        _ slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard let peer = peers[slot] else { return }
        work.add(peer.uploads.count / 8)
        guard let index = peer.uploads.firstIndex(of: block) else { return }
        peer.uploads.remove(at: index)
        // BEP 6: a cancelled request is answered all the same.
        reject(block, slot, at: now, into: &effects)
    }

    // MARK: - Choking

    mutating func handleInterest(
        _ isInterested: Bool,
        _ slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard let peer = peers[slot], peer.isInterested != isInterested else { return }
        peer.isInterested = isInterested
        // Nobody has to wait for the next round while slots are free, nor to hold one that it has no use for.
        if isInterested {
            guard now >= mayFillAt else { return }
            fillAtOnce(at: now, into: &effects)
            if peer.isChoked { mayFillAt = now + SwarmTiming.tick / 2 }
        } else if !peer.isChoked {
            choke(slot, at: now, into: &effects)
            fillAtOnce(at: now, into: &effects)
        }
    }

    /// Gives free slots away now rather than at the tick, unless that was done many times since the last: it costs a look
    /// at every peer, and a message of five bytes leads here.
    private mutating func fillAtOnce(at now: Instant, into effects: inout [SwarmEffect]) {
        guard fillCount < SwarmBounds.fillsPerTick else { return }
        fillCount += 1
        fillUploadSlots(at: now, into: &effects)
    }

    /// Decides anew who may download from us.
    mutating func runChokeRound(at now: Instant, into effects: inout [SwarmEffect]) {
        var decisions = ChokeDecisions()
        if isSeed {
            choker.handleRound(candidates(now), policy: SeedingPolicy(), at: now, using: &random, into: &decisions)
        } else {
            choker.handleRound(candidates(now), policy: TitForTatPolicy(), at: now, using: &random, into: &decisions)
        }
        carryOut(decisions, at: now, into: &effects)
    }

    /// Gives free slots away, between two rounds. O(peers) where one is free and wanted, else O(1).
    mutating func fillUploadSlots(at now: Instant, into effects: inout [SwarmEffect]) {
        guard hasFreeUploadSlot(at: now) else { return }
        var decisions = ChokeDecisions()
        if isSeed {
            choker.handleVacancy(candidates(now), policy: SeedingPolicy(), at: now, using: &random, into: &decisions)
        } else {
            choker.handleVacancy(candidates(now), policy: TitForTatPolicy(), at: now, using: &random, into: &decisions)
        }
        carryOut(decisions, at: now, into: &effects)
    }

    private func candidates(_ now: Instant) -> [ChokeCandidate] {
        // The choker goes over them some times.
        work.add(8 * peers.count)
        return peers.occupied.compactMap { makeCandidate($0, at: now) }
    }

    private mutating func carryOut(_ decisions: ChokeDecisions, at now: Instant, into effects: inout [SwarmEffect]) {
        for slot in decisions.choke { choke(slot, at: now, into: &effects) }
        for slot in decisions.unchoke { unchoke(slot, at: now, into: &effects) }
    }

    private func makeCandidate(_ slot: PeerSlot, at now: Instant) -> ChokeCandidate? {
        guard let peer = peers[slot], let pieceCount = content?.geometry.pieceCount else { return nil }
        var candidate = ChokeCandidate(
            peer: slot,
            in: peer.endpoint.address.group,
            connectedAt: peer.connectedAt
        )
        candidate.isInterested = peer.isInterested
        candidate.isUnchoked = !peer.isChoked
        candidate.unchokedAt = peer.unchokedAt
        candidate.bytesSinceUnchoke = peer.bytesSinceUnchoke
        candidate.downloadRate = peer.download.rateBytesPerSecond(at: now)
        candidate.uploadRate = peer.upload.steadyRateBytesPerSecond(at: now)
        candidate.downloadedByteCount = peer.download.totalByteCount
        candidate.isSnubbed = peer.pipeline.isSnubbed(at: now)
        candidate.progress = Double(peer.pieces.setCount(of: pieceCount)) / Double(max(1, pieceCount))
        return candidate
    }

    private mutating func unchoke(_ slot: PeerSlot, at now: Instant, into effects: inout [SwarmEffect]) {
        guard let peer = peers[slot], peer.isChoked, peer.answers.mayRefuse else { return }
        peer.isChoked = false
        unchokedCount += 1
        peer.unchokedAt = now
        peer.bytesSinceUnchoke = 0
        suggest(to: slot, at: now, into: &effects)
        send(.unchoke, to: slot, at: now, into: &effects)
    }

    private mutating func choke(_ slot: PeerSlot, at now: Instant, into effects: inout [SwarmEffect]) {
        guard let peer = peers[slot], !peer.isChoked else { return }
        peer.isChoked = true
        unchokedCount -= 1
        peer.rejectedCount = 0
        content?.firstCopies.handleEnded(slot)
        send(.choke, to: slot, at: now, into: &effects)
        let refused = peer.uploads.filter { !peer.allowedFast.contains($0.piece) }
        peer.uploads.removeAll { !peer.allowedFast.contains($0.piece) }
        for block in refused { reject(block, slot, at: now, into: &effects) }
    }
}
