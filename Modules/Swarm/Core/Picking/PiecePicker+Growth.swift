// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Content that grows at its end and may be trimmed at its beginning.
extension PiecePicker {
    /// Handles content that has grown to `byteCount` bytes: its new pieces are free. Takes time in proportion to what
    /// is added. Count the peers that have the new pieces with `handlePeersHave`.
    package mutating func handleGrown(to byteCount: Int) {
        let old = buckets.count
        geometry.grow(to: byteCount)
        guard geometry.pieceCount > old else { return }
        have.grow(to: geometry.pieceCount)
        buckets.grow(to: geometry.pieceCount)
        firstPickableWord = min(firstPickableWord, old >> 6)
        tellOrder(.grew(pieceCount: geometry.pieceCount))
    }

    /// Counts a peer that has announced `pieces`, of which the content now has those from `first` on. Returns how many
    /// of these we want.
    package mutating func handlePeerHas(_ pieces: PeerPieces, from first: Int) -> Int {
        var wantedCount = 0
        for index in first..<max(first, buckets.count) where pieces[PieceIndex(index)] {
            buckets.raise(index)
            if wants(PieceIndex(index)) { wantedCount += 1 }
        }
        work.add(max(0, buckets.count - first))
        return wantedCount
    }

    /// Returns all requests for blocks of a piece that is open.
    func requests(for piece: PieceIndex) -> [(peer: PeerSlot, block: BlockRequest)] {
        guard let slot = openSlot(of: piece) else { return [] }
        let first = open.firstBlock(of: slot)
        var requests: [(peer: PeerSlot, block: BlockRequest)] = []
        for index in 0..<open.slots[slot].blockCount where !open.blocks[first + index].isReceived {
            var id = open.blocks[first + index].link
            while id != OpenPieces.none {
                requests.append((outstanding[id].peer, geometry.block(index, of: piece)))
                id = outstanding[id].nextOfBlock
            }
        }
        return requests
    }

    /// Handles pieces before `first` that are no longer shared. Open ones are given up, except for those that are being
    /// verified: they are dropped when their outcome is known. `handleDropped` is called with each piece that was given up
    /// or that we had.
    package mutating func handleTrimmed(before first: Int, _ handleDropped: (PieceIndex, _ wasHad: Bool) -> Void) {
        let old = firstPiece
        guard first > old, first <= buckets.count else { return }
        firstPiece = first
        for index in old..<first {
            let piece = PieceIndex(index)
            deadlines.remove(piece)
            if let slot = openSlot(of: piece) {
                guard !isComplete(piece) else { continue }
                close(slot, becoming: .free)
                handleDropped(piece, false)
            } else {
                buckets.setState(.trimmed, of: index)
                if have.remove(piece) { handleDropped(piece, true) }
            }
        }
        tellOrder(.trimmed(before: PieceIndex(first)))
    }
}
