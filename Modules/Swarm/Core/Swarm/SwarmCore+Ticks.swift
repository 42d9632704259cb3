// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What is due at each tick.
extension SwarmCore {
    /// Handles a tick. Must be called every `SwarmTiming.tick` while the torrent is started.
    package mutating func handleTick(in batch: inout SwarmBatch) {
        guard connections.hasStarted else { return }
        upload.fillCount = 0
        download.feedCount = 0
        peers.turn &+= 1
        recountPieces(in: &batch)
        for slot in peers.occupied { if let peer = peers[slot] { lookAfter(peer, in: &batch) } }
        if let content { lookAfter(content, in: &batch) }
        askAgain(in: &batch)
        upload.handleTick(among: peers, content, using: &random, in: &batch)
        handleNews(in: &batch)
        wakeExtensions(in: &batch)
        connections.handleTick(among: peers, isCaughtUp: isCaughtUp, in: &batch)
        turnOver(in: &batch)
        connections.list.handleTick()
        giveUpOpenings(in: &batch)
        dialMore(in: &batch)
        download.isAllUnsettled = true
    }

    private mutating func lookAfter(_ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        if batch.now - peer.lastHeardAt > SwarmTiming.silence { return disconnect(peer, .timedOut, in: &batch) }
        if dribbles(peer, at: batch.now) { return disconnect(peer, .dribbled, in: &batch) }
        peer.refusedCount = 0
        peer.download.vainRefillCount = 0
        if batch.now - peer.lastSaidAt > SwarmTiming.keepAlive { peer.send(.keepAlive, in: &batch) }
        serveExtensions(peer, in: &batch)
        if let content, batch.now - peer.connectedAt > SwarmTiming.tick {
            upload.reveal(to: peer, among: peers, of: content, in: &batch)
        }
        if !peer.download.isHeldAsSnubbed, peer.download.pipeline.isSnubbed(at: batch.now) {
            download.handleSnubbed(peer, content, in: &batch)
        }
    }

    private mutating func lookAfter(_ content: SwarmContent, in batch: inout SwarmBatch) {
        upload.revealLate(among: peers, of: content, in: &batch)
        reading.lookAfterAll(content, &download, in: &batch)
        upload.forgetToldHaves(among: peers, content)
        content.torrent?.layerTrees.handleTick()
        content.picker.handle(.tick, at: batch.now)
        while let piece = content.picker.nextAbandonedPiece(at: batch.now) {
            batch.add(.discard(piece))
            download.isAllUnsettled = true
        }
    }

    /// Repeats unanswered requests with other peers.
    private mutating func askAgain(in batch: inout SwarmBatch) {
        phase.metadata?.handleTick(among: peers, in: &batch)
        guard let content else { return }
        content.torrent?.inquiry.handleTimeouts(after: SwarmTiming.answer, at: batch.now)
        content.torrent?.layerDownload?.handleTimeouts(after: SwarmTiming.answer, at: batch.now)
        download.inquire(among: peers, content, in: &batch)
        handleNews(in: &batch)
        download.askForLayers(among: peers, content, in: &batch)
    }

    private mutating func turnOver(in batch: inout SwarmBatch) {
        let rate = isCaughtUp || content == nil ? nil : download.meter.rateBytesPerSecond(at: batch.now)
        let leaving = connections.nextTurnover(among: peers, downloadRate: rate, using: &random, at: batch.now)
        for slot in leaving { if let peer = peers[slot] { disconnect(peer, .useless, in: &batch) } }
    }
}
