// SPDX-License-Identifier: Apache-2.0

internal import OrderedCollections
internal import RucheCrypto
package import RucheWire

/// The outcome of complete pieces, and the blame for wrong ones.
extension SwarmCore {
    /// Handles the driver's verdict on a piece.
    package mutating func handleOutcome(_ outcome: PieceOutcome, of piece: PieceIndex, in batch: inout SwarmBatch) {
        guard content != nil else { return }
        handleMade(piece)
        switch outcome {
        case .stored(let digests): handleStored(piece, digests, in: &batch)
        case .wrong(let digests, let areLeaves):
            wastedByteCount += content?.geometry.dataByteCount(of: piece) ?? 0
            handleWrong(piece, digests, areLeaves: areLeaves, in: &batch)
        case .unknown, .notStored: fetchAgain(piece, in: &batch)
        case .disagreement:
            fetchAgain(piece, in: &batch)
            batch.add(.contradiction(piece))
        }
    }

    /// Handles a piece of ours that is damaged or gone.
    package mutating func handleLost(_ piece: PieceIndex, in batch: inout SwarmBatch) {
        guard content?.picker.have[piece] == true else { return }
        let wasFinished = isFinished
        content?.picker.handlePieceLost(piece)
        for slot in peers.occupied {
            guard let id = peers[slot]?.extensions.dontHave, id != 0 else { continue }
            send(.extended(id: id, payload: DontHaveMessage(piece).encoded()), to: slot, in: &batch)
        }
        recountWanted(in: &batch)
        list.isSeed = isSeed
        if wasFinished, !isFinished { tellUploadOnly(false, in: &batch) }
    }

    private mutating func handleStored(_ piece: PieceIndex, _ digests: [SHA256Digest], in batch: inout SwarmBatch) {
        guard piece.int >= content?.picker.firstPiece ?? 0 else { return dropTrimmed(piece, in: &batch) }
        // Peers that found no room for another piece need not wait for the next tick.
        if content?.picker.hasRoom(for: piece.int) == false { isAllUnsettled = true }
        content?.picker.handleShownRight(piece)
        content?.picker.handlePieceVerified(piece)
        batch.add(.discard(piece))
        if !digests.isEmpty {
            var culprits: [BlockSource] = []
            content?.smartBan.handlePieceVerified(piece, digests: digests.map(\.short), culprits: &culprits)
            convict(culprits, of: piece, in: &batch)
        }
        announce(piece, in: &batch)
        tellReaders(of: piece, in: &batch)
        tellContent(of: piece, in: &batch)
        guard isFinished else { return }
        batch.add(.completed)
        handleFinished(in: &batch)
    }

    /// Handles a verified and stored piece that the content has dropped meanwhile.
    private mutating func dropTrimmed(_ piece: PieceIndex, in batch: inout SwarmBatch) {
        content?.picker.handlePieceVerified(piece)
        batch.add(.discard(piece))
        isAllUnsettled = true
    }

    /// Announces `piece` to all peers, and the end of our interest to those that have nothing more for us.
    private mutating func announce(_ piece: PieceIndex, in batch: inout SwarmBatch) {
        content?.haveLog.append(piece)
        for slot in peers.occupied {
            tellOfHaves(slot, in: &batch)
            guard peers[slot]?.pieces[piece] == true else { continue }
            peers[slot]?.download.wantedCount -= 1
            if peers[slot]?.download.wantedCount ?? 0 <= 0 { updateInterest(slot, in: &batch) }
        }
    }

    mutating func handleFinished(in batch: inout SwarmBatch) {
        list.isSeed = isSeed
        for slot in peers.occupied where isUseless(slot) { disconnect(slot, .bothComplete, in: &batch) }
        tellUploadOnly(true, in: &batch)
        runChokeRound(in: &batch)
    }

    /// Tells all peers whether we still want anything (BEP 21).
    mutating func tellUploadOnly(_ flag: Bool, in batch: inout SwarmBatch) {
        for slot in peers.occupied {
            guard let id = peers[slot]?.extensions.uploadOnly, id != 0 else { continue }
            send(.extended(id: id, payload: UploadOnlyMessage(flag).encoded()), to: slot, in: &batch)
        }
    }

    private mutating func handleWrong(
        _ piece: PieceIndex,
        _ digests: [SHA256Digest],
        areLeaves: Bool,
        in batch: inout SwarmBatch
    ) {
        let senders = content?.picker.contributors(of: piece) ?? []
        for slot in peers.occupied {
            guard let peer = peers[slot], senders.contains(peer.source) else { continue }
            batch.add(.misbehaved(peer.endpoint, .badPiece))
        }
        if areLeaves, Set(senders).count > 1, let request = content?.torrent?.trees.leafRequest(for: piece) {
            content?.torrent?.inquiry.open(piece, leaves: digests, request: request, at: batch.now)
            return inquire(in: &batch)
        }
        blame(piece, digests, in: &batch)
    }

    /// Convicts sources proven to have sent a wrong block, and downloads the piece again.
    private mutating func blame(_ piece: PieceIndex, _ digests: [SHA256Digest], in batch: inout SwarmBatch) {
        let senders = content?.picker.contributors(of: piece) ?? []
        var culprits: [BlockSource] = []
        content?.smartBan.handlePieceFailed(
            piece,
            senders: senders,
            digests: digests.map(\.short),
            culprits: &culprits
        )
        fetchAgain(piece, in: &batch)
        convict(culprits, of: piece, in: &batch)
    }

    private mutating func fetchAgain(_ piece: PieceIndex, in batch: inout SwarmBatch) {
        content?.picker.handlePieceFailed(piece, badBlocks: nil)
        batch.add(.discard(piece))
        isAllUnsettled = true
    }

    // MARK: - Requesting the true leaf hashes

    /// Asks a peer about each piece under inquiry; if none is left, goes on without knowing.
    mutating func inquire(in batch: inout SwarmBatch) {
        for piece in content?.torrent?.inquiry.waiting ?? [] {
            if content?.torrent?.inquiry.isHopeless(piece) == false, let slot = nextWitness(for: piece),
                let request = content?.torrent?.inquiry.nextRequest(about: piece, to: slot, at: batch.now)
            {
                send(.hashRequest(request), to: slot, in: &batch)
            } else if let closed = content?.torrent?.inquiry.close(piece) {
                blame(piece, closed.leaves, in: &batch)
            }
        }
    }

    /// Handles the true leaf hashes of a piece: the sender of a block that differs has lied.
    mutating func handleTrueLeaves(_ leaves: [SHA256Digest], of piece: PieceIndex, in batch: inout SwarmBatch) {
        guard let closed = content?.torrent?.inquiry.close(piece) else { return }
        let bad = closed.leaves.indices.filter { $0 >= leaves.count || closed.leaves[$0] != leaves[$0] }
        guard !bad.isEmpty else { return blame(piece, closed.leaves, in: &batch) }
        let senders = content?.picker.contributors(of: piece) ?? []
        let liars = OrderedSet(bad.compactMap { senders.indices.contains($0) ? senders[$0] : nil })
        content?.picker.handlePieceFailed(piece, badBlocks: bad)
        isAllUnsettled = true
        convict(liars, of: piece, in: &batch)
    }

    private func nextWitness(for piece: PieceIndex) -> PeerSlot? {
        peers.occupied.first { slot in
            guard let peer = peers[slot], peer.speaksV2, peer.pieces[piece] else { return false }
            return content?.torrent?.inquiry.hasTried(slot, about: piece) == false
        }
    }
}

extension SHA256Digest {
    /// As many bytes as are needed to distinguish blocks.
    fileprivate var short: SmartBan.BlockDigest {
        withUnsafeBytes { bytes in
            SmartBan.BlockDigest(
                high: bytes.loadUnaligned(as: UInt64.self),
                low: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
        }
    }
}
