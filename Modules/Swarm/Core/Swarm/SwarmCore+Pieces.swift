// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// The pieces that peers have, and the interest in them.
extension SwarmCore {
    /// Handles `bitfield`, `have`, `have all` or `have none`.
    mutating func handleDescription(_ message: PeerMessage, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let pieceCount = content?.geometry.pieceCount else {
            return keepForLater(slot, in: &batch) { $0.handle(message) }
        }
        switch message {
        case .have(let piece):
            handleHave(piece, slot, of: pieceCount, in: &batch)
        case .bitfield(let bytes):
            guard let pieces = content?.pieces(bytes.readableBytesView) else {
                return misbehave(.wrongBitfield, by: slot, in: &batch)
            }
            handlePieces(pieces, slot, in: &batch)
        case .haveAll:
            handlePieces(content?.allPieces ?? .all, slot, in: &batch)
        default:
            break
        }
    }

    /// Keeps what a peer announces about its pieces before the metadata is known, within a limit.
    mutating func keepForLater(_ slot: PeerSlot, in batch: inout SwarmBatch, _ keep: (inout EarlyDescription) -> Void) {
        guard let peer = peers[slot] else { return }
        guard peer.description.early.count < limits.earlyHavesPerPeer else {
            return misbehave(.floodOfHaves, by: slot, in: &batch)
        }
        keep(&peer.description.early)
    }

    /// Handles a description of all pieces. BEP 3 allows it only as the first message, but some (aria2) send a bitfield
    /// in place of many `have` messages: new pieces in it count.
    private mutating func handlePieces(_ pieces: PeerPieces, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        guard peer.description.mayDescribe, peer.pieces.isEmpty else {
            return handleLateBitfield(pieces, slot, in: &batch)
        }
        peer.description.mayDescribe = false
        peer.pieces = pieces
        peer.description.coveredCount = UInt32(clamping: pieces.coveredCount)
        content?.picker.handlePeerHas(pieces)
        peer.download.wantedCount = content?.picker.wantedCount(in: pieces) ?? 0
        if pieces.isSeed { list.handleSeed(peer.endpoint, isSeed: true) }
        if isUseless(slot) { return disconnect(slot, .bothComplete, in: &batch) }
        updateInterest(slot, in: &batch)
    }

    private mutating func handleLateBitfield(_ pieces: PeerPieces, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        let pieceCount = content?.geometry.pieceCount ?? 0
        noteHave(slot, of: pieceCount, in: &batch)
        guard let old = peers[slot]?.pieces.bits else { return }
        guard let new = pieces.bits else { return handleLateHaveAll(slot, in: &batch) }
        work.add(new.words.count)
        for piece in new.indices(missingIn: old.resized(to: new.count)) {
            guard peers.contains(slot) else { return }
            handleHave(piece, slot, of: pieceCount, in: &batch)
        }
    }

    /// Handles a peer that had some pieces and now has all: known at once, and counted at the tick.
    private mutating func handleLateHaveAll(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        peer.description.recount.isSeed = true
        list.handleSeed(peer.endpoint, isSeed: true)
        if isUseless(slot) { disconnect(slot, .bothComplete, in: &batch) }
    }

    private mutating func handleHave(
        _ piece: PieceIndex,
        _ slot: PeerSlot,
        of pieceCount: Int,
        in batch: inout SwarmBatch
    ) {
        guard mayExist(piece, slot) else { return handleUnknown(piece, slot, in: &batch) }
        noteHave(slot, of: pieceCount, in: &batch)
        if peers[slot]?.description.recount.lost.isEmpty == false {
            peers[slot]?.description.recount.lost.removeAll { $0 == piece }
        }
        guard peers[slot]?.pieces.insert(piece) == true else { return }
        content?.picker.handlePeerHas(piece)
        content?.firstCopies.handleHave(piece, at: slot)
        if let peer = peers[slot], peer.pieces.isSeed {
            peer.description.recount.isSeed = true
            list.handleSeed(peer.endpoint, isSeed: true)
        }
        if content?.picker.wants(piece) == true { peers[slot]?.download.wantedCount += 1 }
        if content?.superSeeding != nil {
            var revelations: [SuperSeeding.Revelation] = []
            content?.superSeeding?.handlePeerHas(piece, peer: slot, at: batch.now, into: &revelations)
            send(revelations, in: &batch)
        }
        if isUseless(slot) { return disconnect(slot, .bothComplete, in: &batch) }
        updateInterest(slot, in: &batch)
    }

    /// Returns whether a piece that a peer names is known to us, or may soon be: within `SwarmBounds.piecesAhead` of
    /// what we, or the bitfield that the peer sent first, know of.
    func mayExist(_ piece: PieceIndex, _ slot: PeerSlot) -> Bool {
        guard let pieceCount = content?.geometry.pieceCount else { return false }
        if piece.int < pieceCount { return true }
        guard content?.shape.isClosed == false, let peer = peers[slot] else { return false }
        return piece.int < max(pieceCount, Int(peer.description.coveredCount)) + SwarmBounds.piecesAhead
    }

    /// Handles an unknown piece that a peer named. It may know far more of growing content than we do: ignored.
    mutating func handleUnknown(_ piece: PieceIndex, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard content?.shape.isClosed == false else { return misbehave(.indexOutOfRange, by: slot, in: &batch) }
        noteHave(slot, of: content?.geometry.pieceCount ?? 0, in: &batch)
    }

    private mutating func noteHave(_ slot: PeerSlot, of pieceCount: Int, in batch: inout SwarmBatch) {
        peers[slot]?.description.haveCount += 1
        peers[slot]?.description.mayDescribe = false
        guard let peer = peers[slot] else { return }
        if peer.description.haveCount > 2 * max(pieceCount, peer.pieces.coveredCount) + 64 {
            misbehave(.floodOfHaves, by: slot, in: &batch)
        }
    }

    /// Handles `lt_donthave` (BEP 54).
    mutating func handleDontHave(_ piece: PieceIndex, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let pieceCount = content?.geometry.pieceCount, mayExist(piece, slot) else {
            return handleUnknown(piece, slot, in: &batch)
        }
        guard let peer = peers[slot], peer.pieces[piece] else { return }
        if case .all = peer.pieces {
            guard peer.description.recount.lost.count < SwarmBounds.lossesPerTick else {
                return misbehave(.floodOfHaves, by: slot, in: &batch)
            }
            return peer.description.recount.lost.append(piece)
        }
        _ = peer.pieces.remove(piece, of: max(pieceCount, piece.int + 1))
        content?.picker.handlePeerLost(piece)
        if content?.picker.wants(piece) == true { peer.download.wantedCount -= 1 }
        updateInterest(slot, in: &batch)
    }

    /// Tells the peer whether we are interested, if that has changed.
    mutating func updateInterest(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        let wants = peer.download.wantedCount > 0
        if wants { unsettled.insert(slot) }
        guard wants != peer.download.weAreInterested, peer.answers.hasRoom else { return }
        peer.download.weAreInterested = wants
        send(wants ? .interested : .notInterested, to: slot, in: &batch)
    }

    /// Recounts the pieces that each peer has and we want.
    mutating func recountWanted(in batch: inout SwarmBatch) {
        for slot in peers.occupied {
            guard let pieces = peers[slot]?.pieces else { continue }
            peers[slot]?.download.wantedCount = content?.picker.wantedCount(in: pieces) ?? 0
            updateInterest(slot, in: &batch)
        }
        isAllUnsettled = true
    }

    /// Returns whether both sides are complete and no app's extension is in use.
    mutating func isUseless(_ slot: PeerSlot) -> Bool {
        guard isSeed, content?.torrent?.layerDownload == nil, let peer = peers[slot] else { return false }
        guard peer.pieces.isSeed || peer.description.recount.isSeed || peer.isUploadOnly else { return false }
        return !isKeptByExtensions(peer)
    }
}

// MARK: - Our pieces

extension SwarmCore {
    /// Sends the first messages after the handshake: our pieces, then our extensions.
    mutating func describeOurselves(to slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        let have = content?.superSeeding == nil ? content?.picker.have : nil
        if let have, !have.isEmpty {
            if peer.isFast, have.isComplete, content?.torrent != nil {
                send(.haveAll, to: slot, in: &batch)
            } else {
                send(.bitfield(ByteBuffer(bytes: have.wireBytes)), to: slot, in: &batch)
            }
        } else if peer.isFast {
            send(.haveNone, to: slot, in: &batch)
        }
        if peer.isExtended { sendExtendedHandshake(to: slot, in: &batch) }
        if content != nil { allowFast(slot, in: &batch) }
    }

    var isSuperSeeding: Bool { content?.superSeeding != nil }

    /// Reveals its first piece to a super-seeded peer (BEP 16), once it had time to announce its own.
    mutating func reveal(to slot: PeerSlot, in batch: inout SwarmBatch) {
        guard isSuperSeeding, let peer = peers[slot], !peer.upload.isSuperSeeded else { return }
        peer.upload.isSuperSeeded = true
        var revelations: [SuperSeeding.Revelation] = []
        content?.superSeeding?.handlePeerJoined(
            slot,
            from: peer.endpoint.address.group,
            having: peer.pieces,
            at: batch.now,
            into: &revelations
        )
        send(revelations, in: &batch)
    }

    /// Reveals the pieces deferred to the tick.
    mutating func revealLate(in batch: inout SwarmBatch) {
        guard isSuperSeeding else { return }
        var revelations: [SuperSeeding.Revelation] = []
        content?.superSeeding?.handleTick(at: batch.now, into: &revelations)
        send(revelations, in: &batch)
    }

    mutating func handleSuperSeededLeft(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard isSuperSeeding else { return }
        var revelations: [SuperSeeding.Revelation] = []
        content?.superSeeding?.handlePeerLeft(slot, at: batch.now, into: &revelations)
        send(revelations, in: &batch)
    }

    private mutating func send(_ revelations: [SuperSeeding.Revelation], in batch: inout SwarmBatch) {
        for revelation in revelations {
            send(.have(revelation.piece), to: revelation.peer, in: &batch)
        }
    }

    /// Allows a newcomer a few pieces before it is unchoked (BEP 6), so that it soon has something to trade. A seed
    /// does not: a crowd would request the same few pieces many times over, and a seed's turns begin with newcomers
    /// anyway.
    private mutating func allowFast(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let content, let peer = peers[slot], peer.isFast, !isSeed, content.torrent != nil else { return }
        let pieces = AllowedFast.pieces(
            for: peer.endpoint.address,
            infoHash: identity.hashes.wireHashes[0],
            pieceCount: content.geometry.pieceCount
        )
        for piece in pieces where content.picker.have[piece] {
            peer.upload.allowedFast.insert(piece)
            send(.allowedFast(piece), to: slot, in: &batch)
        }
    }
}
