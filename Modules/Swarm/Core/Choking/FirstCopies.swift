// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Which pieces a seed suggests (BEP 6), so that what it sends first is what no leecher has: a swarm that begins with one
/// seed has everything as soon as the seed has sent everything once. Left to themselves leechers ask for the same pieces,
/// since none of them sees what those far from it have.
///
/// Each piece is suggested to one peer only; what is suggested to a peer that leaves or is choked goes to another. Nobody
/// is bound by it, and once every piece was seen at some leecher nothing is suggested any more.
///
/// Owner: the swarm's core, while it seeds. A call looks at `scanCount` pieces at the most; all calls together look at each
/// piece once, and once more for each time that it comes back.
package struct FirstCopies: Sendable {
    /// Pieces suggested to a peer of which it has not asked for anything yet.
    package static let aheadCount = 4
    /// Pieces suggested to a peer and not seen there: with more it gets no further ones.
    private static let pendingCount = 64
    /// Pieces looked at in one call.
    private static let scanCount = 256

    /// Suggested to each peer and not seen at any yet, the first suggested first.
    private var pending: [PeerSlot: [Suggestion]] = [:]
    /// Came back from peers that left or were choked.
    private var returned: [PieceIndex] = []
    private let pieceCount: Int
    /// Where the walk over all pieces has begun, so that two seeds begin with different ones.
    private let start: Int
    private var walkedCount = 0

    private struct Suggestion: Sendable {
        let piece: PieceIndex
        var isAskedFor = false
    }

    /// For `pieceCount` pieces. `seed` decides with which to begin.
    package init(pieceCount: Int, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        self.pieceCount = pieceCount
        start = pieceCount == 0 ? 0 : Int.random(in: 0..<pieceCount, using: &random)
    }

    /// Whether there is nothing left to suggest, nor may anything come back.
    package var isDone: Bool { walkedCount == pieceCount && returned.isEmpty && pending.isEmpty }

    /// Suggests to `peer`, which may download from us, as many pieces as it should know ahead. `picker` knows what
    /// leechers have.
    package mutating func nextSuggestions(
        for peer: PeerSlot,
        knowing picker: borrowing PiecePicker,
        into suggestions: inout [PieceIndex]
    ) {
        guard !isDone, pending[peer]?.count ?? 0 <= Self.pendingCount - Self.aheadCount else { return }
        var aheadCount = pending[peer]?.count { !$0.isAskedFor } ?? 0
        while aheadCount < Self.aheadCount, let piece = nextPiece(picker) {
            pending[peer, default: []].append(Suggestion(piece: piece))
            suggestions.append(piece)
            aheadCount += 1
        }
    }

    /// `peer` has asked for something of `piece`. Whether more may be suggested to it.
    package mutating func handleRequest(_ piece: PieceIndex, by peer: PeerSlot) -> Bool {
        guard let index = pending[peer]?.firstIndex(where: { $0.piece == piece && !$0.isAskedFor }) else {
            return false
        }
        pending[peer]?[index].isAskedFor = true
        return true
    }

    /// `piece` was seen at `peer`.
    package mutating func handleHave(_ piece: PieceIndex, at peer: PeerSlot) {
        guard pending[peer]?.contains(where: { $0.piece == piece }) == true else { return }
        pending[peer]?.removeAll { $0.piece == piece }
        if pending[peer]?.isEmpty == true { pending[peer] = nil }
    }

    /// `peer` left or was choked.
    package mutating func handleEnded(_ peer: PeerSlot) {
        guard let suggestions = pending.removeValue(forKey: peer) else { return }
        returned.append(contentsOf: suggestions.lazy.map(\.piece))
    }

    private mutating func nextPiece(_ picker: borrowing PiecePicker) -> PieceIndex? {
        while let piece = returned.popLast() {
            if !picker.isHadByLeecher(piece) { return piece }
        }
        for _ in 0..<Self.scanCount where walkedCount < pieceCount {
            let piece = PieceIndex((start + walkedCount) % pieceCount)
            walkedCount += 1
            if !picker.isHadByLeecher(piece) { return piece }
        }
        return nil
    }
}
