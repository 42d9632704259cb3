// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheCrypto
internal import RucheWire

/// Blocks that peers request from us.
extension Upload {
    /// Handles a block that was passed to the socket of `peer`; nil if the peer has left.
    mutating func handleSent(_ block: BlockRequest, to peer: ConnectedPeer?, in batch: inout SwarmBatch) {
        let byteCount = Int(block.length)
        meter.handleBytes(byteCount, at: batch.now)
        guard let peer else { return }
        peer.upload.meter.handleBytes(byteCount, at: batch.now)
        peer.upload.bytesSinceUnchoke += byteCount
        peer.lastSaidAt = batch.now
    }

    func handleRequest(
        _ block: BlockRequest,
        from peer: ConnectedPeer,
        of content: SwarmContent?,
        in batch: inout SwarmBatch
    ) {
        guard let content else { return reject(block, of: peer, in: &batch) }
        guard content.geometry.contains(block), block.length <= PeerLimits().blockByteCount else {
            reject(block, of: peer, in: &batch)
            return batch.accuse(peer, of: .requestOutOfRange)
        }
        guard content.picker.have[block.piece] else {
            reject(block, of: peer, in: &batch)
            // The peer may not know yet that the piece was dropped.
            guard block.piece.int >= content.picker.firstPiece else { return }
            return batch.accuse(peer, of: .requestNotHad)
        }
        let isAllowed = !peer.upload.isChoked || isAllowedFast(block.piece, peer, content)
        let isShown = content.superSeeding?.isRevealed(block.piece, to: peer.slot) ?? true
        guard isAllowed, isShown, peer.upload.queue.count < limits.queuedRequestsPerPeer else {
            peer.upload.rejectedCount += 1
            reject(block, of: peer, in: &batch)
            guard peer.upload.rejectedCount > SwarmBounds.rejectedRequests else { return }
            return batch.accuse(peer, of: .floodOfRequests)
        }
        peer.upload.queue.append(block)
        batch.add(.upload(peer.slot))
        suggestMore(after: block.piece, to: peer, of: content, in: &batch)
    }

    /// Returns whether a choked peer may have `piece` anyway (BEP 6): while it has little to trade with.
    private func isAllowedFast(_ piece: PieceIndex, _ peer: ConnectedPeer, _ content: SwarmContent) -> Bool {
        guard peer.upload.allowedFast.contains(piece) else { return false }
        return peer.pieces.setCount(of: content.geometry.pieceCount) < AllowedFast.defaultCount
    }

    func handleCancel(_ block: BlockRequest, from peer: ConnectedPeer, in batch: inout SwarmBatch) {
        work.add(peer.upload.queue.count / 8)
        guard let index = peer.upload.queue.firstIndex(of: block) else { return }
        peer.upload.queue.remove(at: index)
        // BEP 6: a cancelled request is answered too.
        reject(block, of: peer, in: &batch)
    }

    /// Rejects a peer's queued requests for pieces that no longer exist: those before `first`.
    func rejectQueue(before first: Int, of peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard peer.upload.queue.contains(where: { $0.piece.int < first }) else { return }
        work.add(peer.upload.queue.count)
        let refused = peer.upload.queue.filter { $0.piece.int < first }
        peer.upload.queue.removeAll { $0.piece.int < first }
        for block in refused { reject(block, of: peer, in: &batch) }
    }

    /// Rejects a request for a block, if the peer supports that (BEP 6).
    func reject(_ block: BlockRequest, of peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard peer.isFast, mayRefuse(peer, in: &batch) else { return }
        peer.send(.reject(block), in: &batch)
    }

    /// Allows a newcomer a few pieces before it is unchoked (BEP 6), so that it soon has something to trade. A seed
    /// does not: a crowd would request the same few pieces many times over, and a seed's turns begin with newcomers
    /// anyway.
    func allowFast(_ peer: ConnectedPeer, of content: SwarmContent, as infoHash: SHA1Digest, in batch: inout SwarmBatch)
    {
        guard peer.isFast, !content.isWhole, content.torrent != nil else { return }
        let pieces = AllowedFast.pieces(
            for: peer.endpoint.address,
            infoHash: infoHash,
            pieceCount: content.geometry.pieceCount
        )
        for piece in pieces where content.picker.have[piece] {
            peer.upload.allowedFast.insert(piece)
            peer.send(.allowedFast(piece), in: &batch)
        }
    }
}
