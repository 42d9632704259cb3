// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What is due at each tick.
extension SwarmCore {
    /// Handles a tick. Must be called every `SwarmTiming.tick` while the torrent is started.
    package mutating func handleTick(in batch: inout SwarmBatch) {
        guard hasStarted else { return }
        fillCount = 0
        feedCount = 0
        turn &+= 1
        recountPieces(in: &batch)
        for slot in peers.occupied { lookAfter(slot, in: &batch) }
        revealLate(in: &batch)
        lookAfterReaders(in: &batch)
        forgetToldHaves()
        content?.torrent?.layerTrees.handleTick()
        content?.picker.handle(.tick, at: batch.now)
        while let piece = content?.picker.nextAbandonedPiece(at: batch.now) {
            batch.add(.discard(piece))
            isAllUnsettled = true
        }
        askAgain(in: &batch)
        if batch.now >= nextChokeRoundAt {
            nextChokeRoundAt = batch.now + SwarmTiming.chokeRound
            runChokeRound(in: &batch)
        } else {
            fillUploadSlots(in: &batch)
        }
        wakeExtensions(in: &batch)
        if batch.now >= nextStandingAt {
            nextStandingAt = batch.now + SwarmTiming.standing
            noteStandings(in: &batch)
            doubtClaims(at: batch.now)
        }
        if batch.now >= nextTurnoverAt {
            nextTurnoverAt = batch.now + SwarmTiming.turnover
            turnOver(in: &batch)
        }
        list.handleTick()
        giveUpOpenings(in: &batch)
        dialMore(in: &batch)
        isAllUnsettled = true
    }

    private mutating func lookAfter(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        if batch.now - peer.lastHeardAt > SwarmTiming.silence {
            return disconnect(slot, .timedOut, in: &batch)
        }
        if dribbles(peer, at: batch.now) { return disconnect(slot, .dribbled, in: &batch) }
        peer.refusedCount = 0
        peer.download.vainRefillCount = 0
        if batch.now - peer.lastSaidAt > SwarmTiming.keepAlive {
            send(.keepAlive, to: slot, in: &batch)
        }
        serveExtensions(slot, in: &batch)
        if batch.now - peer.connectedAt > SwarmTiming.tick { reveal(to: slot, in: &batch) }
        if !peer.download.isHeldAsSnubbed, peer.download.pipeline.isSnubbed(at: batch.now) {
            peer.download.isHeldAsSnubbed = true
            content?.picker.handleSnubbed(slot)
            noteSilence(of: peer, at: batch.now)
            batch.add(.snubbed(peer.endpoint))
            isAllUnsettled = true
        }
    }

    /// Repeats unanswered requests with other peers.
    private mutating func askAgain(in batch: inout SwarmBatch) {
        metadata?.handleTick(at: batch.now)
        content?.torrent?.inquiry.handleTimeouts(after: SwarmTiming.answer, at: batch.now)
        content?.torrent?.layerDownload?.handleTimeouts(after: SwarmTiming.answer, at: batch.now)
        askForMetadata(in: &batch)
        inquire(in: &batch)
        askForLayers(in: &batch)
    }
}
