// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Content that grows, drops its oldest pieces, or ends. For each peer, every step takes time in proportion to the
/// pieces that it affects.
extension SwarmCore {
    /// Adopts the content's shape if it has changed.
    mutating func followContent(in batch: inout SwarmBatch) {
        guard let host = extensions.content, let content, case let (old, new) = (content.shape, host.shape), new != old
        else { return }
        guard old.mayBecome(new) else { return refuse(new, content, in: &batch) }
        content.shape = new
        batch.add(.reshaped(new, host.verifier))
        if new.byteCount > old.byteCount { grow(content, from: old.pieceCount, to: new.byteCount, in: &batch) }
        if new.firstPiece > old.firstPiece { trim(content, before: new.firstPiece, from: old.firstPiece, in: &batch) }
        if new.isClosed, !old.isClosed { close(content, in: &batch) }
        download.isAllUnsettled = true
    }

    /// Handles content that has broken its own rules, which is an error of the app: the shape stays as it was.
    private func refuse(_ shape: ContentShape, _ content: SwarmContent, in batch: inout SwarmBatch) {
        guard content.refused != shape else { return }
        content.refused = shape
        batch.add(.shapeRefused(shape))
    }

    private mutating func grow(
        _ content: SwarmContent,
        from first: Int,
        to byteCount: Int,
        in batch: inout SwarmBatch
    ) {
        content.picker.handleGrown(to: byteCount)
        content.priorities.append(contentsOf: repeatElement(.normal, count: content.geometry.pieceCount - first))
        for slot in peers.occupied {
            guard let peer = peers[slot] else { continue }
            peer.download.wantedCount += content.picker.handlePeerHas(peer.pieces, from: first)
            download.updateInterest(peer, in: &batch)
        }
    }

    private mutating func trim(
        _ content: SwarmContent,
        before first: Int,
        from old: Int,
        in batch: inout SwarmBatch
    ) {
        let wanted = (old..<first).map { PieceIndex($0) }.filter { content.picker.wants($0) }
        let all = peers.all { _ in true }
        for piece in wanted {
            for peer in all where peer.pieces[piece] { peer.download.wantedCount -= 1 }
        }
        work.add((first - old) * (1 + all.count))
        for index in old..<first { giveUp(PieceIndex(index), content, in: &batch) }
        var lost: [PieceIndex] = []
        content.picker.handleTrimmed(before: first) { piece, wasHad in
            if wasHad { lost.append(piece) }
        }
        for peer in all {
            upload.rejectQueue(before: first, of: peer, in: &batch)
            handleNews(in: &batch)
            guard !peer.isGone else { continue }
            download.updateInterest(peer, in: &batch)
            tellOfLoss(lost, peer, in: &batch)
        }
    }

    /// Cancels the requests for an open piece, unless it is being verified.
    private mutating func giveUp(_ piece: PieceIndex, _ content: SwarmContent, in batch: inout SwarmBatch) {
        guard content.picker.openSlot(of: piece) != nil, !content.picker.isComplete(piece) else { return }
        for request in content.picker.requests(for: piece) {
            if let peer = peers[request.peer] { download.cancel(request.block, at: peer, content, in: &batch) }
        }
        batch.add(.discard(piece))
    }

    /// Sends `donthave` (BEP 54) while the peer reads. A peer that misses it learns by being rejected.
    private func tellOfLoss(_ pieces: [PieceIndex], _ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        for piece in pieces {
            guard peer.extensions.dontHave != 0, peer.answers.hasRoom else { return }
            let payload = DontHaveMessage(piece).encoded()
            peer.send(.extended(id: peer.extensions.dontHave, payload: payload), in: &batch)
        }
    }

    /// From now on everything is as with a torrent.
    private mutating func close(_ content: SwarmContent, in batch: inout SwarmBatch) {
        let pieceCount = content.geometry.pieceCount
        content.firstCopies = FirstCopies(pieceCount: pieceCount, seed: random.next(), work: work)
        for slot in peers.occupied {
            guard let peer = peers[slot] else { continue }
            work.add(pieceCount / 64)
            peer.pieces.close(at: pieceCount)
            guard peer.pieces.isSeed else { continue }
            peer.description.recount.isSeed = true
            connections.list.handleSeed(peer.endpoint, isSeed: true)
        }
        connections.list.isSeed = isSeed
        guard isFinished else { return }
        batch.add(.completed)
        handleFinished(content, in: &batch)
    }
}
