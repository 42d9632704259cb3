// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Peers that become seeds, and seeds that lose pieces (BEP 54). Seeds are not part of each piece's own count, so both
/// change the counts of all pieces. This is done at the tick, for few pieces at a time, and not for each message.
extension SwarmCore {
    /// Recounts waiting peers, within `SwarmBounds.recountedPiecesPerTick`.
    mutating func recountPieces(in batch: inout SwarmBatch) {
        guard let content else { return }
        var roundsLeft = max(1, SwarmBounds.recountedPiecesPerTick / max(1, content.geometry.pieceCount))
        for peer in peers.inTurn(where: { !$0.description.recount.isEmpty }) where roundsLeft > 0 {
            let recount = peer.description.recount
            peer.description.recount = PendingRecount()
            if recount.isSeed { roundsLeft -= becomeSeed(peer, content) ? 1 : 0 }
            if !recount.lost.isEmpty {
                lose(recount.lost, peer, content)
                roundsLeft -= 1
            }
            download.updateInterest(peer, in: &batch)
        }
    }

    /// Returns false if it counts as a seed already.
    private func becomeSeed(_ peer: ConnectedPeer, _ content: SwarmContent) -> Bool {
        guard case .some(let bits) = peer.pieces else { return false }
        content.picker.handlePeerBecameSeed(having: bits)
        peer.pieces = .all
        peer.download.wantedCount = content.picker.wantedCount(in: .all)
        return true
    }

    private func lose(_ lost: [PieceIndex], _ peer: ConnectedPeer, _ content: SwarmContent) {
        for piece in lost {
            let wasSeed = if case .all = peer.pieces { true } else { false }
            guard peer.pieces.remove(piece, of: content.geometry.pieceCount) else { continue }
            if wasSeed { content.picker.handleSeedLost(piece) } else { content.picker.handlePeerLost(piece) }
            if content.picker.wants(piece) { peer.download.wantedCount -= 1 }
        }
    }
}
