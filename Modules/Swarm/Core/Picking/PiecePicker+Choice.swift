// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// Which piece to open.
extension PiecePicker {
    /// The number of pieces to scan in order of rarity. If the peer has none of them, its bitfield is sampled instead.
    static let rarityScanCount = 256
    /// The number of candidates that such a sample compares.
    static let sampleCount = 64
    /// The number of words of the bitfield to search, 64 pieces each. The next search starts at another place and
    /// may find what this one missed.
    static let sampledWordCount = 2_048

    /// Returns the piece to open for this peer: among those it has with the highest priority, the rarest, chosen at
    /// random among equals.
    ///
    /// Exact if the piece is among the first `rarityScanCount`, or if the peer has at most `sampleCount` pickable
    /// pieces. Otherwise the rarest of a sample of `sampleCount`.
    mutating func nextPiece(_ query: PickQuery, _ pieces: PeerPieces) -> Int? {
        guard order.pickableCount > 0 else { return nil }
        if let allowed = query.restrictedTo { return rarest(of: allowed, pieces) }
        if let suggested = suggestedPiece(query, pieces) { return suggested }
        if mode == .inOrder { return firstPiece(pieces) }
        return rarestPiece(pieces)
    }

    /// Returns the rarest of a few pieces. They are too few to need a random choice among equals.
    private func rarest(of allowed: [PieceIndex], _ pieces: PeerPieces) -> Int? {
        allowed.lazy.map(\.int)
            .filter { $0 < order.count && order.records[$0].isPickable && pieces[PieceIndex($0)] }
            .min { order.records[$0].place < order.records[$1].place }
    }

    /// Returns the first suggestion that has the highest priority. In order, suggestions are ignored.
    func suggestedPiece(_ query: PickQuery, _ pieces: PeerPieces) -> Int? {
        guard mode == .rarestFirst, !query.suggested.isEmpty, query.restrictedTo == nil,
            let top = order.highestPriority
        else { return nil }
        return query.suggested.first { piece in
            piece.int < order.count && order.records[piece.int].isPickable && pieces[piece]
                && order.records[piece.int].priority == top
        }?.int
    }

    // MARK: Rarest first

    private mutating func rarestPiece(_ pieces: PeerPieces) -> Int? {
        let isRandomFirst = have.setCount < limits.randomFirstPieceCount
        var scansLeft = Self.rarityScanCount
        for band in 0..<RarityBuckets.bandCount {
            if isRandomFirst {
                if let piece = scan(order.buckets.range(ofBand: band), pieces, &scansLeft) { return piece }
            } else if let piece = rarestPiece(ofBand: band, pieces, &scansLeft) {
                return piece
            }
            if scansLeft == 0 { return sampledPiece(pieces) }
        }
        return nil
    }

    private mutating func rarestPiece(ofBand band: Int, _ pieces: PeerPieces, _ scansLeft: inout Int) -> Int? {
        var levels = order.buckets.levels(ofBand: band)
        // A piece without any leecher that has it can only come from a seed.
        if !pieces.isSeed { levels &= ~1 }
        while levels != 0, scansLeft > 0 {
            let bucket = band * RarityBuckets.levelCount + levels.trailingZeroBitCount
            levels &= levels - 1
            if let piece = scan(order.buckets.range(bucket), pieces, &scansLeft) { return piece }
        }
        return nil
    }

    /// Returns the first piece that the peer has, starting at a random place of `range` and wrapping around.
    private mutating func scan(_ range: Range<Int>, _ pieces: PeerPieces, _ scansLeft: inout Int) -> Int? {
        guard !range.isEmpty else { return nil }
        let start = range.lowerBound + Int.random(in: 0..<range.count, using: &random)
        let count = min(range.count, scansLeft)
        let end = min(range.upperBound, start + count)
        let rest = range.lowerBound..<range.lowerBound + count - (end - start)
        scansLeft -= count
        work.add(count)
        return order.firstPiece(in: start..<end, of: pieces) ?? order.firstPiece(in: rest, of: pieces)
    }

    /// Returns the rarest of the first `sampleCount` pickable pieces that the peer has, starting at a random word.
    private mutating func sampledPiece(_ pieces: PeerPieces) -> Int? {
        let wordCount = order.pickable.count
        var word = Int.random(in: 0..<wordCount, using: &random)
        var best: Int?
        var samplesLeft = Self.sampleCount
        for step in 0..<min(wordCount, Self.sampledWordCount) {
            work.add(step & 63 == 0 ? 64 : 0)
            var bits = order.pickable[word] & pieces.word(word)
            while bits != 0, samplesLeft > 0 {
                let piece = word << 6 + bits.trailingZeroBitCount
                bits &= bits - 1
                samplesLeft -= 1
                if best.map({ order.records[piece].place < order.records[$0].place }) ?? true { best = piece }
            }
            guard samplesLeft > 0 else { break }
            word = word + 1 == wordCount ? 0 : word + 1
        }
        return best
    }

    // MARK: In order

    /// Returns the lowest piece that the peer has, of the highest priority.
    private mutating func firstPiece(_ pieces: PeerPieces) -> Int? {
        while firstPickableWord < order.pickable.count, order.pickable[firstPickableWord] == 0 {
            firstPickableWord += 1
        }
        for priority in [PiecePriority.high, .normal, .low] where !order.bandRange(priority).isEmpty {
            work.add(order.pickable.count - firstPickableWord)
            for word in firstPickableWord..<order.pickable.count {
                var bits = order.pickable[word] & pieces.word(word)
                while bits != 0 {
                    let piece = word << 6 + bits.trailingZeroBitCount
                    if order.records[piece].priority == priority { return piece }
                    bits &= bits - 1
                }
            }
        }
        return nil
    }
}
