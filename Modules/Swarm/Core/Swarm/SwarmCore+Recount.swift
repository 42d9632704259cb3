// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Peers that become seeds, and seeds that lose pieces (BEP 54). Seeds are not part of each piece's own count, so both
/// change the counts of all pieces. This is done at the tick, for few pieces at a time, and not for each message.
extension SwarmCore {
    /// Recounts waiting peers, within `SwarmBounds.recountedPiecesPerTick`.
    mutating func recountPieces(in batch: inout SwarmBatch) {
        guard let pieceCount = content?.geometry.pieceCount else { return }
        var roundsLeft = max(1, SwarmBounds.recountedPiecesPerTick / max(1, pieceCount))
        let waiting = peers.occupied.filter { peers[$0]?.description.recount.isEmpty == false }
        for slot in waiting.turned(by: turn) where roundsLeft > 0 {
            guard let recount = peers[slot]?.description.recount else { continue }
            peers[slot]?.description.recount = PendingRecount()
            if recount.isSeed { roundsLeft -= becomeSeed(slot, of: pieceCount) ? 1 : 0 }
            if !recount.lost.isEmpty { roundsLeft -= lose(recount.lost, slot, of: pieceCount) ? 1 : 0 }
            updateInterest(slot, in: &batch)
        }
    }

    /// Returns false if it counts as a seed already.
    private mutating func becomeSeed(_ slot: PeerSlot, of pieceCount: Int) -> Bool {
        guard let peer = peers[slot], case .some(let bits) = peer.pieces else { return false }
        content?.picker.handlePeerBecameSeed(having: bits)
        peer.pieces = .all
        peer.download.wantedCount = content?.picker.wantedCount(in: .all) ?? 0
        return true
    }

    private mutating func lose(_ lost: [PieceIndex], _ slot: PeerSlot, of pieceCount: Int) -> Bool {
        guard let peer = peers[slot] else { return false }
        for piece in lost {
            let wasSeed = if case .all = peer.pieces { true } else { false }
            guard peer.pieces.remove(piece, of: pieceCount) else { continue }
            if wasSeed { content?.picker.handleSeedLost(piece) } else { content?.picker.handlePeerLost(piece) }
            if content?.picker.wants(piece) == true { peer.download.wantedCount -= 1 }
        }
        return true
    }
}

extension [PeerSlot] {
    /// Returns the same elements from another start, so that none is always last.
    func turned(by turn: Int) -> [PeerSlot] {
        guard count > 1 else { return self }
        let first = abs(turn % count)
        return Array(self[first...] + self[..<first])
    }
}
