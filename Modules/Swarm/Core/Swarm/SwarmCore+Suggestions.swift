// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Suggestions to peers that download from us while we seed (BEP 6).
extension SwarmCore {
    /// Suggests pieces that no leecher has, if there are any.
    mutating func suggest(to slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot], peer.isFast, !peer.upload.isChoked, isSeed, !isSuperSeeding else { return }
        var pieces: [PieceIndex] = []
        content?.nextSuggestions(for: slot, into: &pieces)
        for piece in pieces { send(.suggest(piece), to: slot, in: &batch) }
    }

    /// Handles a request of `slot` for a block of `piece`.
    mutating func suggestMore(after piece: PieceIndex, to slot: PeerSlot, in batch: inout SwarmBatch) {
        guard content?.firstCopies.isDone == false, content?.firstCopies.handleRequest(piece, by: slot) == true else {
            return
        }
        suggest(to: slot, in: &batch)
    }
}

extension SwarmContent {
    fileprivate mutating func nextSuggestions(for slot: PeerSlot, into pieces: inout [PieceIndex]) {
        firstCopies.nextSuggestions(for: slot, knowing: picker, into: &pieces)
    }
}
