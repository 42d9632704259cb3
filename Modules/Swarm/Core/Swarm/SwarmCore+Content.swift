// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
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
        guard content == nil, let id = extensions.makeID() else { return }
        let facts = SwarmFacts(hashes: identity.hashes, isPrivate: seed.isPrivate)
        let host = seed.makeHost(facts, SeededRandom(seed: extensionSeed &+ UInt64(id)), work, batch.now)
        extensions.setContent(host, receiving: id)
        var opening = ContentOpening(seed.shape, isPrivate: seed.isPrivate, have: have)
        opening.order = order
        opening.unchoking = unchoking
        handleContent(opening, in: &batch)
        carryOut(host, in: &batch)
    }

    /// Handles opened content: from now on pieces can be requested and sent.
    package mutating func handleContent(_ opening: ContentOpening, in batch: inout SwarmBatch) {
        guard content == nil else { return }
        metadata = nil
        metadataBytes = opening.info?.bytes ?? []
        let speaksV2 = identity.hashes.v2 != nil
        var new = SwarmContent(opening, speaksV2: speaksV2, limits: limits, seed: random.next(), work: work)
        new.holdBackUnverifiable()
        // Connected peers were told that we have nothing.
        let isTold = new.superSeeding == nil && peers.count > 0
        if isTold { new.haveLog = HaveLog(known: Array(opening.have.indices)) }
        new.picker.setOrder(chosenOrder ?? opening.order, at: batch.now)
        chosenOrder = nil
        content = new
        tellExtensionsOfSwarm()
        choker.advanceByteCount = opening.geometry.pieceLength
        choker.policies = opening.unchoking
        list.isSeed = isSeed
        let noPieces = new.noPieces
        for slot in peers.occupied {
            guard let peer = peers[slot] else { continue }
            let early = peer.description.early
            peer.description.early = EarlyDescription()
            peer.pieces = noPieces
            peer.upload.toldHaves = 0
            content?.picker.handlePeerJoined(slot, as: peer.source)
            replay(early.messages, from: slot, in: &batch)
        }
        for slot in peers.occupied { tellOfHaves(slot, in: &batch) }
        // Peers that connected before can get the metadata from us from now on (BEP 9).
        for slot in peers.occupied where peers[slot]?.isExtended == true {
            sendExtendedHandshake(to: slot, in: &batch)
        }
        if isFinished { batch.add(.completed) }
        handleReadersReopened(in: &batch)
        isAllUnsettled = true
    }

    /// Sets the memory for open pieces, in bytes, when the session's memory is divided anew. Open pieces stay open.
    package mutating func setOpenByteLimit(_ limit: Int) { content?.picker.limits.openByteCount = limit }

    /// Handles new priorities for all pieces.
    package mutating func setPriorities(_ priorities: [FetchPriority], in batch: inout SwarmBatch) {
        guard let content, priorities.count == content.geometry.pieceCount else { return }
        let wasFinished = isFinished
        self.content?.priorities = priorities
        self.content?.picker.setPriorities(priorities)
        self.content?.holdBackUnverifiable()
        recountWanted(in: &batch)
        handleReadersReopened(in: &batch)
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
            unchoking: choker.policies
        )
        content = nil
        handleContent(opening, in: &batch)
    }

    /// Begins pieces in another order from now on, or as soon as the content is known.
    package mutating func setOrder(_ order: FetchOrder, in batch: inout SwarmBatch) {
        guard content != nil else { return chosenOrder = order }
        content?.picker.setOrder(order, at: batch.now)
        isAllUnsettled = true
    }

    /// Handles again what a peer announced before the metadata was known.
    private mutating func replay(_ messages: [PeerMessage], from slot: PeerSlot, in batch: inout SwarmBatch) {
        for message in messages {
            guard peers.contains(slot) else { return }
            peers[slot]?.description.mayDescribe = true
            handleMessage(message, from: slot, in: &batch)
        }
    }
}
