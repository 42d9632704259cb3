// SPDX-License-Identifier: Apache-2.0

internal import OrderedCollections
internal import RucheCrypto
package import RucheWire

/// What becomes of complete pieces, and who is to blame for wrong ones.
extension SwarmCore {
    /// The driver has judged a piece.
    package mutating func handleOutcome(
        _ outcome: PieceOutcome,
        of piece: PieceIndex,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard content != nil else { return }
        switch outcome {
        case .stored(let digests): handleStored(piece, digests, at: now, into: &effects)
        case .wrong(let digests, let areLeaves):
            wastedByteCount += content?.geometry.dataByteCount(of: piece) ?? 0
            handleWrong(piece, digests, areLeaves: areLeaves, at: now, into: &effects)
        case .unknown, .notStored: fetchAgain(piece, into: &effects)
        case .disagreement:
            fetchAgain(piece, into: &effects)
            effects.append(.contradiction(piece))
        }
    }

    /// A piece that we had is damaged or gone.
    package mutating func handleLost(_ piece: PieceIndex, at now: Instant, into effects: inout [SwarmEffect]) {
        guard content?.picker.have[piece] == true else { return }
        let wasFinished = isFinished
        content?.picker.handlePieceLost(piece)
        for slot in peers.occupied {
            guard let id = peers[slot]?.extensions.dontHave, id != 0 else { continue }
            send(.extended(id: id, payload: DontHaveMessage(piece).encoded()), to: slot, at: now, into: &effects)
        }
        recountWanted(at: now, into: &effects)
        list.isSeed = isSeed
        if wasFinished, !isFinished { tellUploadOnly(false, at: now, into: &effects) }
    }

    private mutating func handleStored(
        _ piece: PieceIndex,
        _ digests: [SHA256Digest],
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        // Whoever found no room for another piece is not to wait for the next tick.
        if content?.picker.hasRoom(for: piece.int) == false { isAllUnsettled = true }
        content?.picker.handleShownRight(piece)
        content?.picker.handlePieceVerified(piece)
        effects.append(.discard(piece))
        if !digests.isEmpty {
            var culprits: [BlockSource] = []
            content?.smartBan.handlePieceVerified(piece, digests: digests.map(\.short), culprits: &culprits)
            convict(culprits, of: piece, at: now, into: &effects)
        }
        announce(piece, at: now, into: &effects)
        tellReaders(of: piece, into: &effects)
        guard isFinished else { return }
        effects.append(.completed)
        handleFinished(at: now, into: &effects)
    }

    /// Tells everybody that we have `piece`, and those of whom we now want nothing more, that too.
    private mutating func announce(_ piece: PieceIndex, at now: Instant, into effects: inout [SwarmEffect]) {
        content?.haveLog.append(piece)
        for slot in peers.occupied {
            tellOfHaves(slot, at: now, into: &effects)
            guard peers[slot]?.pieces[piece] == true else { continue }
            peers[slot]?.wantedCount -= 1
            if peers[slot]?.wantedCount ?? 0 <= 0 { updateInterest(slot, at: now, into: &effects) }
        }
    }

    private mutating func handleFinished(at now: Instant, into effects: inout [SwarmEffect]) {
        list.isSeed = isSeed
        for slot in peers.occupied where isUseless(slot) { disconnect(slot, .bothComplete, into: &effects) }
        tellUploadOnly(true, at: now, into: &effects)
        runChokeRound(at: now, into: &effects)
    }

    /// Tells everybody whether we still want anything (BEP 21).
    mutating func tellUploadOnly(_ flag: Bool, at now: Instant, into effects: inout [SwarmEffect]) {
        for slot in peers.occupied {
            guard let id = peers[slot]?.extensions.uploadOnly, id != 0 else { continue }
            send(.extended(id: id, payload: UploadOnlyMessage(flag).encoded()), to: slot, at: now, into: &effects)
        }
    }

    private mutating func handleWrong(
        _ piece: PieceIndex,
        _ digests: [SHA256Digest],
        areLeaves: Bool,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        let senders = content?.picker.contributors(of: piece) ?? []
        for slot in peers.occupied {
            guard let peer = peers[slot], senders.contains(peer.source) else { continue }
            effects.append(.misbehaved(peer.endpoint, .badPiece))
        }
        if areLeaves, Set(senders).count > 1, let request = content?.trees.leafRequest(for: piece) {
            content?.inquiry.open(piece, leaves: digests, request: request, at: now)
            return inquire(at: now, into: &effects)
        }
        blame(piece, digests, at: now, into: &effects)
    }

    /// Convicts those who are shown to have sent a wrong block, and has the piece fetched again.
    private mutating func blame(
        _ piece: PieceIndex,
        _ digests: [SHA256Digest],
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        let senders = content?.picker.contributors(of: piece) ?? []
        var culprits: [BlockSource] = []
        content?.smartBan.handlePieceFailed(
            piece,
            senders: senders,
            digests: digests.map(\.short),
            culprits: &culprits
        )
        fetchAgain(piece, into: &effects)
        convict(culprits, of: piece, at: now, into: &effects)
    }

    private mutating func fetchAgain(_ piece: PieceIndex, into effects: inout [SwarmEffect]) {
        content?.picker.handlePieceFailed(piece, badBlocks: nil)
        effects.append(.discard(piece))
        isAllUnsettled = true
    }

    // MARK: - Asking for the true leaves

    /// Asks somebody about each piece under inquiry; where nobody is left, goes on without knowing.
    mutating func inquire(at now: Instant, into effects: inout [SwarmEffect]) {
        for piece in content?.inquiry.waiting ?? [] {
            if content?.inquiry.isHopeless(piece) == false, let slot = nextWitness(for: piece),
                let request = content?.inquiry.nextRequest(about: piece, to: slot, at: now)
            {
                send(.hashRequest(request), to: slot, at: now, into: &effects)
            } else if let closed = content?.inquiry.close(piece) {
                blame(piece, closed.leaves, at: now, into: &effects)
            }
        }
    }

    /// The true leaves of a piece are known: the sender of a block that differs has lied.
    mutating func handleTrueLeaves(
        _ leaves: [SHA256Digest],
        of piece: PieceIndex,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard let closed = content?.inquiry.close(piece) else { return }
        let bad = closed.leaves.indices.filter { $0 >= leaves.count || closed.leaves[$0] != leaves[$0] }
        guard !bad.isEmpty else { return blame(piece, closed.leaves, at: now, into: &effects) }
        let senders = content?.picker.contributors(of: piece) ?? []
        let liars = OrderedSet(bad.compactMap { senders.indices.contains($0) ? senders[$0] : nil })
        content?.picker.handlePieceFailed(piece, badBlocks: bad)
        isAllUnsettled = true
        convict(liars, of: piece, at: now, into: &effects)
    }

    private func nextWitness(for piece: PieceIndex) -> PeerSlot? {
        peers.occupied.first { slot in
            guard let peer = peers[slot], peer.speaksV2, peer.pieces[piece] else { return false }
            return content?.inquiry.hasTried(slot, about: piece) == false
        }
    }
}

extension SHA256Digest {
    /// As much of it as tells blocks apart.
    fileprivate var short: SmartBan.BlockDigest {
        withUnsafeBytes { bytes in
            SmartBan.BlockDigest(
                high: bytes.loadUnaligned(as: UInt64.self),
                low: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
        }
    }
}
