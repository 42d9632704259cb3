// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheWire

/// Content that grows, drops its oldest pieces, or ends. For each peer, every step takes time in proportion to the
/// pieces that it affects.
extension SwarmCore {
    /// Adopts the content's shape if it has changed.
    mutating func followContent(in batch: inout SwarmBatch) {
        guard let host = extensions.content, let old = content?.shape, case let new = host.shape, new != old else {
            return
        }
        guard old.mayBecome(new) else { return refuse(new, in: &batch) }
        content?.shape = new
        batch.add(.reshaped(new, host.verifier))
        if new.byteCount > old.byteCount { grow(from: old.pieceCount, to: new.byteCount, in: &batch) }
        if new.firstPiece > old.firstPiece { trim(before: new.firstPiece, from: old.firstPiece, in: &batch) }
        if new.isClosed, !old.isClosed { close(in: &batch) }
        isAllUnsettled = true
    }

    /// Handles content that has broken its own rules, which is an error of the app: the shape stays as it was.
    private mutating func refuse(_ shape: ContentShape, in batch: inout SwarmBatch) {
        guard content?.refused != shape else { return }
        content?.refused = shape
        batch.add(.shapeRefused(shape))
    }

    private mutating func grow(from first: Int, to byteCount: Int, in batch: inout SwarmBatch) {
        content?.picker.handleGrown(to: byteCount)
        let count = (content?.geometry.pieceCount ?? first) - first
        content?.priorities.append(contentsOf: repeatElement(.normal, count: count))
        for slot in peers.occupied {
            guard let peer = peers[slot] else { continue }
            peer.download.wantedCount += content?.picker.handlePeerHas(peer.pieces, from: first) ?? 0
            updateInterest(slot, in: &batch)
        }
    }

    private mutating func trim(before first: Int, from old: Int, in batch: inout SwarmBatch) {
        let slots = peers.occupied
        for index in old..<first where content?.picker.wants(PieceIndex(index)) == true {
            for slot in slots where peers[slot]?.pieces[PieceIndex(index)] == true {
                peers[slot]?.download.wantedCount -= 1
            }
        }
        work.add((first - old) * (1 + slots.count))
        for index in old..<first { giveUp(PieceIndex(index), in: &batch) }
        var lost: [PieceIndex] = []
        content?.picker.handleTrimmed(before: first) { piece, wasHad in
            if wasHad { lost.append(piece) }
        }
        for slot in slots {
            rejectUploads(before: first, at: slot, in: &batch)
            updateInterest(slot, in: &batch)
            tellOfLoss(lost, slot, in: &batch)
        }
    }

    /// Cancels the requests for an open piece, unless it is being verified.
    private mutating func giveUp(_ piece: PieceIndex, in batch: inout SwarmBatch) {
        guard content?.picker.openSlot(of: piece) != nil, content?.picker.isComplete(piece) == false else { return }
        for request in content?.picker.requests(for: piece) ?? [] {
            cancel(request.block, at: request.peer, in: &batch)
        }
        batch.add(.discard(piece))
    }

    /// Rejects a peer's queued requests for pieces that no longer exist.
    private mutating func rejectUploads(before first: Int, at slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot], peer.upload.queue.contains(where: { $0.piece.int < first }) else { return }
        work.add(peer.upload.queue.count)
        let refused = peer.upload.queue.filter { $0.piece.int < first }
        peer.upload.queue.removeAll { $0.piece.int < first }
        for block in refused { reject(block, slot, in: &batch) }
    }

    /// Sends `donthave` (BEP 54) while the peer reads. A peer that misses it learns by being rejected.
    private mutating func tellOfLoss(_ pieces: [PieceIndex], _ slot: PeerSlot, in batch: inout SwarmBatch) {
        for piece in pieces {
            guard let peer = peers[slot], peer.extensions.dontHave != 0, peer.answers.hasRoom else { return }
            let payload = DontHaveMessage(piece).encoded()
            send(.extended(id: peer.extensions.dontHave, payload: payload), to: slot, in: &batch)
        }
    }

    /// From now on everything is as with a torrent.
    private mutating func close(in batch: inout SwarmBatch) {
        guard let pieceCount = content?.geometry.pieceCount else { return }
        content?.firstCopies = FirstCopies(pieceCount: pieceCount, seed: random.next(), work: work)
        for slot in peers.occupied {
            guard let peer = peers[slot] else { continue }
            work.add(pieceCount / 64)
            peer.pieces.close(at: pieceCount)
            guard peer.pieces.isSeed else { continue }
            peer.description.recount.isSeed = true
            list.handleSeed(peer.endpoint, isSeed: true)
        }
        list.isSeed = isSeed
        guard isFinished else { return }
        batch.add(.completed)
        handleFinished(in: &batch)
    }
}
