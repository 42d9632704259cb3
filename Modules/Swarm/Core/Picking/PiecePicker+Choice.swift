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

    /// Returns the piece to open for this peer: among those it has with the highest priority, the next by the order in
    /// force. Rarest first, equals are chosen at random.
    ///
    /// Exact if the piece is among the first `rarityScanCount`, or if the peer has at most `sampleCount` pickable
    /// pieces. Otherwise the rarest of a sample of `sampleCount`.
    mutating func nextPiece(_ query: PickQuery, _ pieces: PeerPieces, _ now: Instant) -> Int? {
        guard buckets.pickableCount > 0 else { return nil }
        if let allowed = query.restrictedTo { return rarest(of: allowed, pieces) }
        if let suggested = suggestedPiece(query, pieces) { return suggested }
        if isInOrder { return firstPiece(pieces) }
        if buckets.own != nil { return ownPiece(query, pieces, now) }
        return rarestPiece(pieces)
    }

    /// Returns the rarest of a few pieces. They are too few to need a random choice among equals.
    private func rarest(of allowed: [PieceIndex], _ pieces: PeerPieces) -> Int? {
        allowed.lazy.map(\.int)
            .filter { $0 < buckets.count && buckets.records[$0].isPickable && pieces[PieceIndex($0)] }
            .min { buckets.records[$0].place < buckets.records[$1].place }
    }

    /// Returns the first suggestion that has the highest priority, if rarest first is the order.
    func suggestedPiece(_ query: PickQuery, _ pieces: PeerPieces) -> Int? {
        guard !isInOrder, buckets.own == nil, !query.suggested.isEmpty, query.restrictedTo == nil,
            let top = buckets.highestPriority
        else { return nil }
        return query.suggested.first { piece in
            piece.int < buckets.count && buckets.records[piece.int].isPickable && pieces[piece]
                && buckets.records[piece.int].priority == top
        }?.int
    }

    // MARK: Rarest first

    private mutating func rarestPiece(_ pieces: PeerPieces) -> Int? {
        let isRandomFirst = have.setCount < limits.randomFirstPieceCount
        var scansLeft = Self.rarityScanCount
        for band in 0..<BucketRanges.bandCount {
            if isRandomFirst {
                if let piece = scan(buckets.ranges.range(ofBand: band), pieces, &scansLeft) { return piece }
            } else if let piece = rarestPiece(ofBand: band, pieces, &scansLeft) {
                return piece
            }
            if scansLeft == 0 { return sampledPiece(pieces) }
        }
        return nil
    }

    private mutating func rarestPiece(ofBand band: Int, _ pieces: PeerPieces, _ scansLeft: inout Int) -> Int? {
        var levels = buckets.ranges.levels(ofBand: band)
        // A piece without any leecher that has it can only come from a seed.
        if !pieces.isSeed { levels &= ~1 }
        while levels != 0, scansLeft > 0 {
            let bucket = band * BucketRanges.levelCount + levels.trailingZeroBitCount
            levels &= levels - 1
            if let piece = scan(buckets.ranges.range(bucket), pieces, &scansLeft) { return piece }
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
        return buckets.firstPiece(in: start..<end, of: pieces) ?? buckets.firstPiece(in: rest, of: pieces)
    }

    /// Returns the rarest of the first `sampleCount` pickable pieces that the peer has, starting at a random word.
    mutating func sampledPiece(_ pieces: PeerPieces) -> Int? {
        let wordCount = buckets.pickable.count
        var word = Int.random(in: 0..<wordCount, using: &random)
        var best: Int?
        var samplesLeft = Self.sampleCount
        for step in 0..<min(wordCount, Self.sampledWordCount) {
            work.add(step & 63 == 0 ? 64 : 0)
            var bits = buckets.pickable[word] & pieces.word(word)
            while bits != 0, samplesLeft > 0 {
                let piece = word << 6 + bits.trailingZeroBitCount
                bits &= bits - 1
                samplesLeft -= 1
                if best.map({ buckets.records[piece].place < buckets.records[$0].place }) ?? true { best = piece }
            }
            guard samplesLeft > 0 else { break }
            word = word + 1 == wordCount ? 0 : word + 1
        }
        return best
    }

    // MARK: In order

    /// Returns the lowest piece that the peer has, of the highest priority.
    private mutating func firstPiece(_ pieces: PeerPieces) -> Int? {
        while firstPickableWord < buckets.pickable.count, buckets.pickable[firstPickableWord] == 0 {
            firstPickableWord += 1
        }
        for priority in [FetchPriority.high, .normal, .low] where !buckets.bandRange(priority).isEmpty {
            work.add(buckets.pickable.count - firstPickableWord)
            for word in firstPickableWord..<buckets.pickable.count {
                var bits = buckets.pickable[word] & pieces.word(word)
                while bits != 0 {
                    let piece = word << 6 + bits.trailingZeroBitCount
                    if buckets.records[piece].priority == priority { return piece }
                    bits &= bits - 1
                }
            }
        }
        return nil
    }
}
