// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Reveals one piece at a time to each leecher, and the next one once the first has been seen at another peer (BEP 16).
/// A lone seed then sends each piece about once before the swarm passes it on.
///
/// What a peer says it has is only its word. It is not shown that again, but it may request no more than what it was
/// shown; and a piece counts as passed on only when a peer of another address (IPv6: /64) says it has it, since one party
/// can be many peers. Where everybody is behind one address there is no such other: then the peer's own word is enough.
///
/// Owner: the swarm's core, while super seeding is on; it announces no piece of its own meanwhile, and answers requests
/// for what `isRevealed` only.
package struct SuperSeeding: Sendable {
    /// A `have` message to send.
    package struct Revelation: Hashable, Sendable {
        /// The receiver.
        package var peer: PeerSlot
        /// The piece to announce.
        package var piece: PieceIndex
    }

    private struct Leecher: Sendable {
        let group: AddressGroup
        /// Had by it, as it says.
        var claimed: Bitfield
        /// Shown to it.
        var shown: Bitfield
        /// Shown last, and not yet seen elsewhere.
        var pending: PieceIndex?
    }

    /// How often a piece was shown to those who are here, and how many of them claim it.
    private struct Copies: Sendable {
        var shown: UInt16 = 0
        var claimed: UInt16 = 0

        var isNone: Bool { shown == 0 && claimed == 0 }

        /// Claims count last: a false one must not keep a piece from being shown.
        static func < (a: Copies, b: Copies) -> Bool { (a.shown, a.claimed) < (b.shown, b.claimed) }
    }

    /// Pieces compared to find a rare one.
    private static let comparedCount = 4_096

    private var leechers: [PeerSlot: Leecher] = [:]
    private var leecherCounts: [AddressGroup: Int] = [:]
    private var copies: [Copies]
    /// Where the search for the rarest begins, so that equals take turns.
    private var cursor = 0

    private let work: WorkMeter

    /// For `pieceCount` pieces.
    package init(pieceCount: Int, work: WorkMeter = WorkMeter()) {
        copies = Array(repeating: Copies(), count: pieceCount)
        self.work = work
    }

    /// Handles a new leecher: reveals a first piece to it.
    package mutating func handlePeerJoined(
        _ peer: PeerSlot,
        from group: AddressGroup,
        having pieces: PeerPieces,
        into revelations: inout [Revelation]
    ) {
        guard case .some(let bits) = pieces, !bits.isComplete, bits.count == copies.count else { return }
        for piece in bits.indices { countClaim(piece, 1) }
        leechers[peer] = Leecher(group: group, claimed: bits, shown: Bitfield(count: copies.count))
        leecherCounts[group, default: 0] += 1
        revealNext(to: peer, into: &revelations)
    }

    /// A peer announced a piece: a leecher that was shown it, and is another party, is shown another.
    package mutating func handlePeerHas(_ piece: PieceIndex, peer: PeerSlot, into revelations: inout [Revelation]) {
        guard piece.int < copies.count, let group = leechers[peer]?.group else { return }
        if leechers[peer]?.claimed.insert(piece) == true { countClaim(piece, 1) }
        for other in leechers.keys.filter({ leechers[$0]?.pending == piece }).sorted() {
            let isConfirmed = leechers[other]?.group != group || other == peer && isOneParty
            if isConfirmed { revealNext(to: other, into: &revelations) }
        }
    }

    /// A peer left. Those that nobody can confirm any longer are shown the next piece if they have theirs.
    package mutating func handlePeerLeft(_ peer: PeerSlot, into revelations: inout [Revelation]) {
        guard let leecher = leechers.removeValue(forKey: peer) else { return }
        for piece in leecher.claimed.indices { countClaim(piece, -1) }
        for piece in leecher.shown.indices { countShown(piece, -1) }
        let left = leecherCounts[leecher.group, default: 1] - 1
        leecherCounts[leecher.group] = left > 0 ? left : nil
        guard isOneParty else { return }
        for other in leechers.keys.sorted() {
            guard let pending = leechers[other]?.pending, leechers[other]?.claimed[pending] == true else { continue }
            revealNext(to: other, into: &revelations)
        }
    }

    /// Returns whether `peer` may request `piece`, because it was revealed to it or the peer had it.
    package func isRevealed(_ piece: PieceIndex, to peer: PeerSlot) -> Bool {
        leechers[peer]?.shown[piece] ?? false
    }

    /// Whether all leechers are behind one address.
    private var isOneParty: Bool { leecherCounts.count == 1 }

    /// Shows the rarest piece that the peer neither was shown nor claims, or the rarest of the next `comparedCount`.
    private mutating func revealNext(to peer: PeerSlot, into revelations: inout [Revelation]) {
        guard let leecher = leechers[peer] else { return }
        let best = rarest(for: leecher)
        leechers[peer]?.pending = best.map { PieceIndex($0) }
        guard let best else { return }
        cursor = (best + 1) % copies.count
        leechers[peer]?.shown.insert(PieceIndex(best))
        countShown(PieceIndex(best), 1)
        revelations.append(Revelation(peer: peer, piece: PieceIndex(best)))
    }

    /// A `have` of nine bytes leads here, so few pieces are compared, and those that are out of the question are passed
    /// over 64 at a time.
    private func rarest(for leecher: Leecher) -> Int? {
        let (shown, claimed) = (leecher.shown.words, leecher.claimed.words)
        let fromCursor = UInt64.max << UInt64(cursor & 63)
        var best: Int?
        var left = Self.comparedCount
        defer { work.add(shown.count / 64 + Self.comparedCount - left) }
        // The word of the cursor comes first and last, each time with another part of it.
        for step in 0...shown.count where !shown.isEmpty {
            let word = (cursor >> 6 + step) % shown.count
            var bits = ~(shown[word] | claimed[word])
            if step == 0 { bits &= fromCursor } else if step == shown.count { bits &= ~fromCursor }
            while bits != 0, case let index = word << 6 + bits.trailingZeroBitCount, index < copies.count {
                bits &= bits - 1
                left -= 1
                if best.map({ copies[index] < copies[$0] }) ?? true { best = index }
                if copies[index].isNone || left == 0 { return best }
            }
        }
        return best
    }

    private mutating func countClaim(_ piece: PieceIndex, _ change: Int) {
        copies[piece.int].claimed = UInt16(clamping: Int(copies[piece.int].claimed) + change)
    }

    private mutating func countShown(_ piece: PieceIndex, _ change: Int) {
        copies[piece.int].shown = UInt16(clamping: Int(copies[piece.int].shown) + change)
    }
}
