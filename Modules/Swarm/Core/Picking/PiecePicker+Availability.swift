// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Who has what.
extension PiecePicker {
    /// A peer connected. `address` is who is named by `contributors` for what it sends, even after it left.
    package mutating func handlePeerJoined(_ peer: PeerSlot, from address: IPAddress) {
        while currentPieces.count <= peer.int { currentPieces.append(OpenPieces.none) }
        currentPieces[peer.int] = OpenPieces.none
        senders.handlePeerJoined(peer, from: address)
    }

    /// It told what it has (`bitfield`, `have all`), and nothing of it was counted before. O(1) for a seed.
    package mutating func handlePeerHas(_ pieces: PeerPieces) {
        count(pieces, 1)
    }

    /// It got one more (`have`): to be called only where it was new. O(1).
    package mutating func handlePeerHas(_ piece: PieceIndex) {
        guard piece.int < order.count else { return }
        order.raise(piece.int)
    }

    /// A peer that was counted piece by piece lost one (BEP 54 `lt_donthave`). O(1).
    package mutating func handlePeerLost(_ piece: PieceIndex) {
        guard piece.int < order.count else { return }
        order.lower(piece.int)
    }

    /// A seed, counted as such, lost one piece: from now on it is counted piece by piece.
    package mutating func handleSeedLost(_ piece: PieceIndex) {
        seedCount -= 1
        order.addToEach(1)
        handlePeerLost(piece)
    }

    /// A peer whose pieces, `bits`, were counted one by one has everything: it is counted as a seed from now on, and its
    /// `PeerPieces` becomes `all`. O(pieces).
    package mutating func handlePeerBecameSeed(having bits: Bitfield) {
        seedCount += 1
        count(.some(bits), -1)
    }

    /// It left, having `pieces`: what it was asked for is free for others.
    package mutating func handlePeerLeft(_ peer: PeerSlot, having pieces: PeerPieces) {
        handleReleasedAll(by: peer)
        senders.handlePeerLeft(peer)
        if peer.int < currentPieces.count { currentPieces[peer.int] = OpenPieces.none }
        count(pieces, -1)
    }

    /// Peers that have `piece`, seeds included.
    package func availability(of piece: PieceIndex) -> Int {
        piece.int < order.count ? Int(order.records[piece.int].availability) + seedCount : 0
    }

    /// Whether anybody who is not a seed has `piece`.
    package func isHadByLeecher(_ piece: PieceIndex) -> Bool {
        piece.int < order.count && order.records[piece.int].availability > 0
    }

    /// Whole copies among the connected peers, and the share of the pieces that have one more: 2.4, say. O(pieces).
    package var distributedCopies: Double {
        guard let fewest = order.records.lazy.map(\.availability).min() else { return 0 }
        let more = order.records.reduce(0) { $0 + ($1.availability > fewest ? 1 : 0) }
        return Double(seedCount + Int(fewest)) + Double(more) / Double(order.count)
    }

    private mutating func count(_ pieces: PeerPieces, _ change: Int) {
        switch pieces {
        case .all: seedCount += change
        case .some(let bits) where bits.setCount > smallSetCount: order.addAll(bits, change)
        case .some(let bits):
            work.add(bits.words.count + bits.setCount)
            for piece in bits.indices {
                if change > 0 { handlePeerHas(piece) } else { handlePeerLost(piece) }
            }
        }
    }

    /// Up to so many pieces are moved one by one; for more, one sort of all is cheaper.
    private var smallSetCount: Int { 64 + order.count / 16 }
}
