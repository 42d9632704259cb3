// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Pieces that are added while the content grows.
extension PieceBuckets {
    /// Up to this many new pieces are inserted individually. For more, sorting everything once is cheaper.
    var smallGrowthCount: Int { 64 + records.count / 16 }

    /// Adds pieces up to `pieceCount`, all free and normal. Takes time in proportion to what is added; a large addition
    /// marks the order as stale.
    mutating func grow(to pieceCount: Int) {
        let old = records.count
        guard pieceCount > old else { return }
        if pieceCount - old > smallGrowthCount { isStale = true }
        work.add(pieceCount - old)
        records.append(contentsOf: repeatElement(Record(), count: pieceCount - old))
        order.append(contentsOf: repeatElement(Self.nobody, count: pieceCount - old))
        if own != nil { levels.append(contentsOf: repeatElement(0, count: pieceCount - old)) }
        let wordCount = (pieceCount + 63) / 64
        pickable.append(contentsOf: repeatElement(0, count: wordCount - pickable.count))
        ranges.grow(to: pieceCount)
        for index in old..<pieceCount {
            setPickable(index, true)
            guard !isStale else { continue }
            if own != nil { updateLevel(of: index) }
            insert(index)
        }
    }
}
