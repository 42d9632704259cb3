// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Which peers have which pieces.
extension PiecePicker {
    /// Handles a new peer. `contributors` returns its `source` for its blocks, even after it has left.
    package mutating func handlePeerJoined(_ peer: PeerSlot, as source: BlockSource) {
        while currentPieces.count <= peer.int { currentPieces.append(OpenPieces.none) }
        currentPieces[peer.int] = OpenPieces.none
        senders.handlePeerJoined(peer, as: source)
        requesters.handlePeerJoined(peer, as: source)
    }

    /// Handles the first report of a peer's pieces (`bitfield`, `have all`). O(1) for a seed.
    package mutating func handlePeerHas(_ pieces: PeerPieces) {
        count(pieces, 1)
    }

    /// Handles a further piece of a peer (`have`). Call it only if the piece is new. O(1).
    package mutating func handlePeerHas(_ piece: PieceIndex) {
        guard piece.int < buckets.count else { return }
        buckets.raise(piece.int)
    }

    /// Handles the loss of a piece (BEP 54 `lt_donthave`) by a peer that is not counted as a seed. O(1).
    package mutating func handlePeerLost(_ piece: PieceIndex) {
        guard piece.int < buckets.count else { return }
        buckets.lower(piece.int)
    }

    /// Handles the loss of a piece by a peer that is counted as a seed. Its pieces are counted individually from now
    /// on.
    package mutating func handleSeedLost(_ piece: PieceIndex) {
        seedCount -= 1
        buckets.addToEach(1)
        handlePeerLost(piece)
    }

    /// Handles a peer whose individually counted pieces, `bits`, have become complete. It is counted as a seed from now
    /// on: change its `PeerPieces` to `all`. O(pieces).
    package mutating func handlePeerBecameSeed(having bits: Bitfield) {
        seedCount += 1
        count(.some(bits), -1)
    }

    /// Handles a peer that has left and had `pieces`. Its requests become free for others.
    package mutating func handlePeerLeft(_ peer: PeerSlot, having pieces: PeerPieces) {
        handleReleasedAll(by: peer)
        senders.handlePeerLeft(peer)
        if peer.int < currentPieces.count { currentPieces[peer.int] = OpenPieces.none }
        count(pieces, -1)
    }

    /// Returns the number of peers that have `piece`, seeds included.
    package func availability(of piece: PieceIndex) -> Int {
        piece.int < buckets.count ? Int(buckets.records[piece.int].availability) + seedCount : 0
    }

    /// Returns whether any peer other than a seed has `piece`.
    package func isHadByLeecher(_ piece: PieceIndex) -> Bool {
        piece.int < buckets.count && buckets.records[piece.int].availability > 0
    }

    /// The number of complete copies among the connected peers, plus the share of pieces of which there is one more:
    /// for example 2.4. O(pieces).
    package var distributedCopies: Double {
        guard let fewest = buckets.records.lazy.map(\.availability).min() else { return 0 }
        let more = buckets.records.reduce(0) { $0 + ($1.availability > fewest ? 1 : 0) }
        return Double(seedCount + Int(fewest)) + Double(more) / Double(buckets.count)
    }

    private mutating func count(_ pieces: PeerPieces, _ change: Int) {
        switch pieces {
        case .all: seedCount += change
        case .some(let bits) where bits.setCount > smallSetCount: buckets.addAll(bits, change)
        case .growing(let bits) where bits.setCount > smallSetCount: buckets.addAll(bits, change)
        case .some(let bits), .growing(let bits):
            work.add(bits.words.count + bits.setCount)
            for piece in bits.indices {
                if change > 0 { handlePeerHas(piece) } else { handlePeerLost(piece) }
            }
        }
    }

    /// Up to this many pieces are moved individually. For more, sorting everything once is cheaper.
    private var smallSetCount: Int { 64 + buckets.count / 16 }
}
