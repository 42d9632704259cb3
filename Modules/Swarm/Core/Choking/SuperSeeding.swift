// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Shows each leecher one piece at a time, and the next when the first was seen at another peer (BEP 16): so a lone
/// seed sends each piece about once before the swarm passes it on.
///
/// A peer alone in the swarm is shown the next as soon as it has the first, for nobody else could. Owner: the swarm's
/// core, while super seeding is on; it announces no piece of its own meanwhile, and answers requests for what
/// `isRevealed` only.
package struct SuperSeeding: Sendable {
    /// A `have` to send.
    package struct Revelation: Hashable, Sendable {
        /// To whom.
        package var peer: PeerSlot
        /// Which piece.
        package var piece: PieceIndex
    }

    private struct Leecher: Sendable {
        /// Shown to it, or had by it.
        var known: Bitfield
        /// Shown last, and not yet seen elsewhere.
        var pending: PieceIndex?
    }

    private var leechers: [PeerSlot: Leecher] = [:]
    /// How many peers have each piece or were shown it.
    private var copies: [UInt16]
    /// Where the search for the rarest begins, so that equals take turns.
    private var cursor = 0

    /// For `pieceCount` pieces.
    package init(pieceCount: Int) { copies = Array(repeating: 0, count: pieceCount) }

    /// A leecher joined: it is shown a first piece.
    package mutating func handlePeerJoined(
        _ peer: PeerSlot,
        having pieces: PeerPieces,
        into revelations: inout [Revelation]
    ) {
        guard case .some(let bits) = pieces, !bits.isComplete, bits.count == copies.count else { return }
        for piece in bits.indices { count(piece, 1) }
        leechers[peer] = Leecher(known: bits)
        revealNext(to: peer, into: &revelations)
    }

    /// A peer announced a piece: whoever was shown it, and is somebody else, is shown another.
    package mutating func handlePeerHas(_ piece: PieceIndex, peer: PeerSlot, into revelations: inout [Revelation]) {
        guard piece.int < copies.count else { return }
        if leechers[peer]?.known.insert(piece) == true { count(piece, 1) }
        for other in leechers.keys.sorted() where leechers[other]?.pending == piece {
            if other != peer || leechers.count == 1 { revealNext(to: other, into: &revelations) }
        }
    }

    /// A peer left. If one remains alone, it is shown the next piece.
    package mutating func handlePeerLeft(_ peer: PeerSlot, into revelations: inout [Revelation]) {
        guard let leecher = leechers.removeValue(forKey: peer) else { return }
        for piece in leecher.known.indices { count(piece, -1) }
        if leechers.count == 1, let last = leechers.keys.first { revealNext(to: last, into: &revelations) }
    }

    /// Whether `peer` may request `piece`: it was shown it.
    package func isRevealed(_ piece: PieceIndex, to peer: PeerSlot) -> Bool {
        leechers[peer]?.known[piece] ?? false
    }

    /// Shows the rarest piece that the peer does not know. O(pieces), once for each piece that a peer gets.
    private mutating func revealNext(to peer: PeerSlot, into revelations: inout [Revelation]) {
        guard let known = leechers[peer]?.known else { return }
        var best: Int?
        for step in copies.indices {
            let index = (cursor + step) % copies.count
            guard !known[PieceIndex(index)] else { continue }
            if best.map({ copies[index] < copies[$0] }) ?? true { best = index }
            if copies[index] == 0 { break }
        }
        leechers[peer]?.pending = best.map { PieceIndex($0) }
        guard let best else { return }
        cursor = (best + 1) % copies.count
        leechers[peer]?.known.insert(PieceIndex(best))
        count(PieceIndex(best), 1)
        revelations.append(Revelation(peer: peer, piece: PieceIndex(best)))
    }

    private mutating func count(_ piece: PieceIndex, _ change: Int) {
        copies[piece.int] = UInt16(clamping: Int(copies[piece.int]) + change)
    }
}
