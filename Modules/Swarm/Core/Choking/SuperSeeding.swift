// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Reveals one piece at a time to each leecher, and the next one once the first has been seen at another peer (BEP 16).
/// A lone seed then sends each piece about once before the swarm passes it on.
///
/// A peer that is alone in the swarm gets the next piece as soon as it has the first, because nobody else can show it.
/// The swarm's core owns it while super seeding is on. Meanwhile the core announces no pieces of its own, and answers
/// requests only for pieces that `isRevealed`.
package struct SuperSeeding: Sendable {
    /// A `have` message to send.
    package struct Revelation: Hashable, Sendable {
        /// The receiver.
        package var peer: PeerSlot
        /// The piece to announce.
        package var piece: PieceIndex
    }

    private struct Leecher: Sendable {
        /// Pieces revealed to the leecher, or that it has.
        var known: Bitfield
        /// The last revealed piece, until it is seen elsewhere.
        var pending: PieceIndex?
    }

    private var leechers: [PeerSlot: Leecher] = [:]
    /// For each piece, the number of peers that have it or to which it was revealed.
    private var copies: [UInt16]
    /// Where the search for the rarest piece starts, so that equally rare pieces take turns.
    private var cursor = 0

    /// Creates the state for `pieceCount` pieces.
    package init(pieceCount: Int) { copies = Array(repeating: 0, count: pieceCount) }

    /// Handles a new leecher: reveals a first piece to it.
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

    /// Handles a peer's announcement of a piece: reveals another piece to each other peer whose last revealed piece
    /// this is, or to the peer itself if it is alone.
    package mutating func handlePeerHas(_ piece: PieceIndex, peer: PeerSlot, into revelations: inout [Revelation]) {
        guard piece.int < copies.count else { return }
        if leechers[peer]?.known.insert(piece) == true { count(piece, 1) }
        for other in leechers.keys.sorted() where leechers[other]?.pending == piece {
            if other != peer || leechers.count == 1 { revealNext(to: other, into: &revelations) }
        }
    }

    /// Handles a peer that has left. If a single one remains, reveals the next piece to it.
    package mutating func handlePeerLeft(_ peer: PeerSlot, into revelations: inout [Revelation]) {
        guard let leecher = leechers.removeValue(forKey: peer) else { return }
        for piece in leecher.known.indices { count(piece, -1) }
        if leechers.count == 1, let last = leechers.keys.first { revealNext(to: last, into: &revelations) }
    }

    /// Returns whether `peer` may request `piece`, because it was revealed to it or the peer had it.
    package func isRevealed(_ piece: PieceIndex, to peer: PeerSlot) -> Bool {
        leechers[peer]?.known[piece] ?? false
    }

    /// Reveals the rarest piece that the peer does not know. O(pieces), once per piece and peer.
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
