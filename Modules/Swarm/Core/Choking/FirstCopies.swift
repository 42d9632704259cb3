// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Chooses the pieces that a seed suggests (BEP 6), so that it first sends those that no leecher has. A swarm that
/// starts with one seed is then complete as soon as the seed has sent everything once. Without suggestions leechers
/// request the same pieces, because they do not see what distant peers have.
///
/// Each piece is suggested to one peer only. If that peer leaves or is choked, the piece is suggested to another. Peers
/// may ignore suggestions. Once every piece has been seen at a leecher, nothing more is suggested.
///
/// The swarm's core owns it while it seeds. A call checks at most `scanCount` pieces. Over all calls, each piece is
/// checked once, and once more whenever it comes back.
package struct FirstCopies: Sendable {
    /// The number of suggestions that a peer may have without having requested any of their blocks.
    package static let aheadCount = 4
    /// The maximum number of pieces suggested to a peer that it does not have yet.
    private static let pendingCount = 64
    /// The maximum number of pieces to check per call.
    private static let scanCount = 128

    /// The suggestions to each peer that have not been seen there yet, oldest first.
    private var pending: [PeerSlot: [Suggestion]] = [:]
    /// Pieces that came back from peers that left or were choked.
    private var returned: [PieceIndex] = []
    private let pieceCount: Int
    /// Where the walk over all pieces starts. It is random, so that two seeds start with different pieces.
    private let start: Int
    private var walkedCount = 0
    private let work: WorkMeter

    private struct Suggestion: Sendable {
        let piece: PieceIndex
        var isAskedFor = false
    }

    /// Creates suggestions for `pieceCount` pieces. `seed` determines the first piece.
    package init(pieceCount: Int, seed: UInt64, work: WorkMeter = WorkMeter()) {
        var random = SeededRandom(seed: seed)
        self.pieceCount = pieceCount
        self.work = work
        start = pieceCount == 0 ? 0 : Int.random(in: 0..<pieceCount, using: &random)
    }

    /// Whether nothing is left to suggest and no suggestion can come back.
    package var isDone: Bool { walkedCount == pieceCount && returned.isEmpty && pending.isEmpty }

    /// Suggests pieces to `peer`, which must be unchoked, up to `aheadCount` that it has not requested. `picker` knows
    /// which pieces leechers have.
    package mutating func nextSuggestions(
        for peer: PeerSlot,
        knowing picker: borrowing PiecePicker,
        into suggestions: inout [PieceIndex]
    ) {
        guard !isDone, pending[peer]?.count ?? 0 <= Self.pendingCount - Self.aheadCount else { return }
        var aheadCount = pending[peer]?.count { !$0.isAskedFor } ?? 0
        var stepCount = 0
        while aheadCount < Self.aheadCount, let piece = nextPiece(picker, &stepCount) {
            pending[peer, default: []].append(Suggestion(piece: piece))
            suggestions.append(piece)
            aheadCount += 1
        }
        work.add(stepCount + (pending[peer]?.count ?? 0))
    }

    /// Handles a request by `peer` for a block of `piece`. Returns whether more may be suggested to the peer.
    package mutating func handleRequest(_ piece: PieceIndex, by peer: PeerSlot) -> Bool {
        work.add(pending[peer]?.count ?? 0)
        guard let index = pending[peer]?.firstIndex(where: { $0.piece == piece && !$0.isAskedFor }) else {
            return false
        }
        pending[peer]?[index].isAskedFor = true
        return true
    }

    /// Handles a report that `peer` has `piece`.
    package mutating func handleHave(_ piece: PieceIndex, at peer: PeerSlot) {
        work.add(pending[peer]?.count ?? 0)
        guard let index = pending[peer]?.firstIndex(where: { $0.piece == piece }) else { return }
        pending[peer]?.remove(at: index)
        if pending[peer]?.isEmpty == true { pending[peer] = nil }
    }

    /// Handles a peer that has left or been choked.
    package mutating func handleEnded(_ peer: PeerSlot) {
        guard let suggestions = pending.removeValue(forKey: peer) else { return }
        work.add(suggestions.count)
        returned.append(contentsOf: suggestions.lazy.map(\.piece))
    }

    private mutating func nextPiece(_ picker: borrowing PiecePicker, _ stepCount: inout Int) -> PieceIndex? {
        while stepCount < Self.scanCount {
            stepCount += 1
            if let piece = returned.popLast() {
                if !picker.isHadByLeecher(piece) { return piece }
            } else if walkedCount < pieceCount {
                let piece = PieceIndex((start + walkedCount) % pieceCount)
                walkedCount += 1
                if !picker.isHadByLeecher(piece) { return piece }
            } else {
                return nil
            }
        }
        return nil
    }
}
