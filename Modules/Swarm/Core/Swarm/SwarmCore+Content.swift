// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
package import RucheWire

/// From metadata to content, and the user's selection.
extension SwarmCore {
    /// Handles opened content that is not a torrent: from now on its messages and pieces can be requested and sent.
    /// Must be called once, before the swarm starts.
    package mutating func handleContent(
        _ seed: ContentSeed,
        have: Bitfield,
        order: FetchOrder = .rarestFirst,
        unchoking: UnchokePolicies = UnchokePolicies(),
        in batch: inout SwarmBatch
    ) {
        guard content == nil, let host = extensions.setContent(seed, at: batch.now) else { return }
        var opening = ContentOpening(seed.shape, isPrivate: seed.isPrivate, have: have)
        opening.order = order
        opening.unchoking = unchoking
        handleContent(opening, in: &batch)
        carryOut(host, in: &batch)
    }

    /// Handles opened content: from now on pieces can be requested and sent.
    package mutating func handleContent(_ opening: ContentOpening, in batch: inout SwarmBatch) {
        guard content == nil else { return }
        let speaksV2 = identity.hashes.v2 != nil
        let content = SwarmContent(opening, speaksV2: speaksV2, limits: limits, seed: random.next(), work: work)
        content.holdBackUnverifiable()
        // Connected peers were told that we have nothing.
        let isTold = content.superSeeding == nil && peers.count > 0
        if isTold { content.haveLog = HaveLog(known: Array(opening.have.indices)) }
        content.picker.setOrder(chosenOrder ?? opening.order, at: batch.now)
        chosenOrder = nil
        phase = .content(content)
        tellExtensionsOfSwarm()
        upload.handleContent(content, policies: opening.unchoking)
        connections.list.isSeed = content.isWhole
        for slot in peers.occupied { if let peer = peers[slot] { begin(content, with: peer, in: &batch) } }
        for slot in peers.occupied { if let peer = peers[slot] { upload.tellOfHaves(peer, content, in: &batch) } }
        // Peers that connected before can get the metadata from us from now on (BEP 9).
        for peer in peers.all(where: { $0.isExtended }) { sendExtendedHandshake(to: peer, in: &batch) }
        if isFinished { batch.add(.completed) }
        reading.handleReopened(content, &download, in: &batch)
        download.isAllUnsettled = true
    }

    /// Handles again what a peer announced before the metadata was known.
    private mutating func begin(_ content: SwarmContent, with peer: ConnectedPeer, in batch: inout SwarmBatch) {
        let early = peer.description.early
        peer.description.early = EarlyDescription()
        peer.pieces = content.noPieces
        peer.unsentByteLimit = UInt32(clamping: limits.unsentBytesPerPeer + content.geometry.pieceCount / 8)
        peer.upload.toldHaves = 0
        content.picker.handlePeerJoined(peer.slot, as: peer.source)
        for message in early.messages {
            guard !peer.isGone else { return }
            peer.description.mayDescribe = true
            handleMessage(message, from: peer.slot, in: &batch)
        }
    }

    /// Sets the memory for open pieces, in bytes, when the session's memory is divided anew. Open pieces stay open.
    package mutating func setOpenByteLimit(_ limit: Int) { content?.picker.limits.openByteCount = limit }

    /// Handles new priorities for all pieces.
    package mutating func setPriorities(_ priorities: [FetchPriority], in batch: inout SwarmBatch) {
        guard let content, priorities.count == content.geometry.pieceCount else { return }
        let wasFinished = isFinished
        content.priorities = priorities
        content.picker.setPriorities(priorities)
        content.holdBackUnverifiable()
        download.recountWanted(among: peers, content, in: &batch)
        reading.handleReopened(content, &download, in: &batch)
        if isFinished, !wasFinished { batch.add(.completed) }
        if !isFinished, wasFinished { tellUploadOnly(false, in: &batch) }
    }

    /// Handles a recheck, made without any connected peers, that found exactly these pieces correct.
    package mutating func handleRechecked(_ found: Bitfield, in batch: inout SwarmBatch) {
        guard let old = content, let torrent = old.torrent, peers.count == 0 else { return }
        let opening = ContentOpening(
            info: torrent.info,
            layers: torrent.layers.complete,
            have: found,
            priorities: old.priorities,
            order: old.picker.order,
            isSuperSeeding: old.superSeeding != nil,
            unchoking: upload.choker.policies
        )
        phase = .opening(infoBytes: torrent.info.bytes)
        handleContent(opening, in: &batch)
    }

    /// Begins pieces in another order from now on, or as soon as the content is known.
    package mutating func setOrder(_ order: FetchOrder, in batch: inout SwarmBatch) {
        guard content != nil else { return chosenOrder = order }
        content?.picker.setOrder(order, at: batch.now)
        download.isAllUnsettled = true
    }

    // MARK: - Readers

    /// Handles a reader that waits for the first piece of `span`: a new one, or one that has moved on. The answer is a
    /// `reading` effect once the piece is stored. Does nothing before the content is known.
    package mutating func handleReader(_ id: ReaderID, at span: ReadingSpan, in batch: inout SwarmBatch) {
        guard let content else { return }
        reading.handleReader(id, at: span, content, &download, in: &batch)
    }

    /// Handles a reader that has left. Blocks that were requested only for it, and have hardly begun to arrive, are
    /// cancelled.
    package mutating func handleReaderLeft(_ id: ReaderID, in batch: inout SwarmBatch) {
        reading.handleReaderLeft(id, among: peers, content, &download, in: &batch)
    }
}
