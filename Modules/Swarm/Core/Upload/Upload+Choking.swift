// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheCrypto
internal import RucheWire

/// Choking and unchoking: which peers may download from us.
extension Upload {
    /// Handles the interest of a peer in our pieces, or its end.
    mutating func handleInterest(
        _ isInterested: Bool,
        of peer: ConnectedPeer,
        among peers: borrowing PeerTable,
        _ content: SwarmContent?,
        using random: inout SeededRandom,
        in batch: inout SwarmBatch
    ) {
        guard peer.upload.isInterested != isInterested else { return }
        peer.upload.isInterested = isInterested
        // No peer has to wait for the next round while slots are free, or keeps one that it has no use for.
        if isInterested {
            guard batch.now >= mayFillAt else { return }
            fillAtOnce(among: peers, content, using: &random, in: &batch)
            if peer.upload.isChoked { mayFillAt = batch.now + SwarmTiming.tick / 2 }
        } else if !peer.upload.isChoked {
            choke(peer, content, in: &batch)
            fillAtOnce(among: peers, content, using: &random, in: &batch)
        }
    }

    /// Assigns free slots now rather than at the tick, unless that was done many times since the last: it costs a scan
    /// of all peers, and a message of five bytes causes it.
    private mutating func fillAtOnce(
        among peers: borrowing PeerTable,
        _ content: SwarmContent?,
        using random: inout SeededRandom,
        in batch: inout SwarmBatch
    ) {
        guard fillCount < SwarmBounds.fillsPerTick else { return }
        fillCount += 1
        fillSlots(among: peers, content, using: &random, in: &batch)
    }

    /// Runs a round if one is due, otherwise assigns free slots.
    mutating func handleTick(
        among peers: borrowing PeerTable,
        _ content: SwarmContent?,
        using random: inout SeededRandom,
        in batch: inout SwarmBatch
    ) {
        if batch.now >= nextRoundAt {
            nextRoundAt = batch.now + SwarmTiming.chokeRound
            runRound(among: peers, content, using: &random, in: &batch)
        } else {
            fillSlots(among: peers, content, using: &random, in: &batch)
        }
    }

    /// Decides anew which peers may download from us.
    mutating func runRound(
        among peers: borrowing PeerTable,
        _ content: SwarmContent?,
        using random: inout SeededRandom,
        in batch: inout SwarmBatch
    ) {
        var decisions = ChokeDecisions()
        let (candidates, isSeed) = (candidates(among: peers, content, at: batch.now), content?.servesAsSeed == true)
        choker.handle(.round, candidates, isSeed: isSeed, at: batch.now, using: &random, into: &decisions)
        carryOut(decisions, among: peers, content, in: &batch)
    }

    /// Assigns free slots between two rounds. O(peers) if one is free and wanted, otherwise O(1).
    private mutating func fillSlots(
        among peers: borrowing PeerTable,
        _ content: SwarmContent?,
        using random: inout SeededRandom,
        in batch: inout SwarmBatch
    ) {
        let rate = meter.steadyRateBytesPerSecond(at: batch.now)
        guard unchokedCount < choker.slotCount(forRateBytesPerSecond: rate) else { return }
        var decisions = ChokeDecisions()
        let (candidates, isSeed) = (candidates(among: peers, content, at: batch.now), content?.servesAsSeed == true)
        choker.handle(.vacancy, candidates, isSeed: isSeed, at: batch.now, using: &random, into: &decisions)
        carryOut(decisions, among: peers, content, in: &batch)
    }

    private func candidates(
        among peers: borrowing PeerTable,
        _ content: SwarmContent?,
        at now: Instant
    ) -> [UnchokeCandidate] {
        // The choker passes over them several times.
        work.add(8 * peers.count)
        guard let pieceCount = content?.geometry.pieceCount else { return [] }
        var candidates: [UnchokeCandidate] = []
        candidates.reserveCapacity(peers.count)
        for slot in peers.occupied {
            if let peer = peers[slot] { candidates.append(UnchokeCandidate(peer, of: pieceCount, at: now)) }
        }
        return candidates
    }

    private mutating func carryOut(
        _ decisions: ChokeDecisions,
        among peers: borrowing PeerTable,
        _ content: SwarmContent?,
        in batch: inout SwarmBatch
    ) {
        for slot in decisions.choke { if let peer = peers[slot] { choke(peer, content, in: &batch) } }
        for slot in decisions.unchoke { if let peer = peers[slot] { unchoke(peer, content, in: &batch) } }
    }

    private mutating func unchoke(_ peer: ConnectedPeer, _ content: SwarmContent?, in batch: inout SwarmBatch) {
        guard peer.upload.isChoked, peer.answers.mayRefuse else { return }
        peer.upload.isChoked = false
        unchokedCount += 1
        peer.upload.unchokedAt = batch.now
        peer.upload.bytesSinceUnchoke = 0
        if let content { suggest(to: peer, of: content, in: &batch) }
        peer.send(.unchoke, in: &batch)
    }

    private mutating func choke(_ peer: ConnectedPeer, _ content: SwarmContent?, in batch: inout SwarmBatch) {
        guard !peer.upload.isChoked else { return }
        peer.upload.isChoked = true
        unchokedCount -= 1
        peer.upload.rejectedCount = 0
        content?.firstCopies.handleEnded(peer.slot)
        peer.send(.choke, in: &batch)
        // Copied, because the queue cannot be changed while another part of the same struct is read.
        let allowedFast = peer.upload.allowedFast
        let refused = peer.upload.queue.filter { !allowedFast.contains($0.piece) }
        peer.upload.queue.removeAll { !allowedFast.contains($0.piece) }
        for block in refused { reject(block, of: peer, in: &batch) }
    }
}

extension UnchokeCandidate {
    fileprivate init(_ peer: ConnectedPeer, of pieceCount: Int, at now: Instant) {
        self.init(peer.endpoint, id: peer.id, connectedAt: peer.connectedAt)
        self.peer = peer.slot
        isInterested = peer.upload.isInterested
        isUnchoked = !peer.upload.isChoked
        unchokedAt = peer.upload.unchokedAt
        bytesSinceUnchoke = peer.upload.bytesSinceUnchoke
        downloadBytesPerSecond = peer.download.meter.rateBytesPerSecond(at: now)
        uploadBytesPerSecond = peer.upload.meter.steadyRateBytesPerSecond(at: now)
        downloadedByteCount = peer.download.meter.totalByteCount
        isSnubbed = peer.download.pipeline.isSnubbed(at: now)
        progress = Double(peer.pieces.setCount(of: pieceCount)) / Double(max(1, pieceCount))
    }
}
