// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What happens because time has passed.
extension SwarmCore {
    /// To be called every `SwarmTiming.tick` while the torrent is started.
    package mutating func handleTick(at now: Instant, into effects: inout [SwarmEffect]) {
        guard hasStarted else { return }
        fillCount = 0
        feedCount = 0
        turn &+= 1
        recountPieces(at: now, into: &effects)
        for slot in peers.occupied { lookAfter(slot, at: now, into: &effects) }
        revealLate(at: now, into: &effects)
        lookAfterReaders(at: now, into: &effects)
        forgetToldHaves()
        content?.layerTrees.handleTick()
        while let piece = content?.picker.nextAbandonedPiece(at: now) {
            effects.append(.discard(piece))
            isAllUnsettled = true
        }
        askAgain(at: now, into: &effects)
        if now >= nextChokeRoundAt {
            nextChokeRoundAt = now + SwarmTiming.chokeRound
            runChokeRound(at: now, into: &effects)
        } else {
            fillUploadSlots(at: now, into: &effects)
        }
        wakeExtensions(at: now, into: &effects)
        if now >= nextStandingAt {
            nextStandingAt = now + SwarmTiming.standing
            noteStandings(at: now, into: &effects)
            doubtClaims(at: now)
        }
        if now >= nextTurnoverAt {
            nextTurnoverAt = now + SwarmTiming.turnover
            turnOver(at: now, into: &effects)
        }
        list.handleTick()
        dialMore(at: now, into: &effects)
        isAllUnsettled = true
    }

    private mutating func lookAfter(_ slot: PeerSlot, at now: Instant, into effects: inout [SwarmEffect]) {
        guard let peer = peers[slot] else { return }
        if now - peer.lastHeardAt > SwarmTiming.silence {
            return disconnect(slot, .timedOut, into: &effects)
        }
        peer.refusedCount = 0
        peer.vainRefillCount = 0
        if now - peer.lastSaidAt > SwarmTiming.keepAlive {
            send(.keepAlive, to: slot, at: now, into: &effects)
        }
        serveExtensions(slot, at: now, into: &effects)
        if now - peer.connectedAt > SwarmTiming.tick { reveal(to: slot, at: now, into: &effects) }
        if !peer.isHeldAsSnubbed, peer.pipeline.isSnubbed(at: now) {
            peer.isHeldAsSnubbed = true
            content?.picker.handleSnubbed(slot)
            noteSilence(of: peer, at: now)
            effects.append(.snubbed(peer.endpoint))
            isAllUnsettled = true
        }
    }

    /// Questions that have gone unanswered are put to others.
    private mutating func askAgain(at now: Instant, into effects: inout [SwarmEffect]) {
        metadata?.handleTick(at: now)
        content?.inquiry.handleTimeouts(after: SwarmTiming.answer, at: now)
        content?.layerDownload?.handleTimeouts(after: SwarmTiming.answer, at: now)
        askForMetadata(at: now, into: &effects)
        inquire(at: now, into: &effects)
        askForLayers(at: now, into: &effects)
    }
}
