// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Levels by an app's order, which is asked when the facts of a piece change, and for all pieces when many change at once.
extension PieceBuckets {
    /// Has an app's order decide the levels, or rarity if it is nil. Marks the order as stale.
    mutating func setOrder(_ order: (any PieceOrder)?) {
        own = order
        levels = order == nil ? [] : Array(repeating: 0, count: records.count)
        isStale = true
    }

    /// Asks the app's order for the levels of some pieces anew.
    mutating func reconsider(_ pieces: Range<Int>) {
        guard own != nil else { return }
        let pieces = pieces.clamped(to: records.indices)
        work.add(pieces.count)
        guard pieces.count <= smallGrowthCount else { return isStale = true }
        for index in pieces where records[index].isPickable { update(index) { _ in } }
    }

    /// Asks the app's order for the level of a piece that is in no bucket.
    mutating func updateLevel(of index: Int) {
        guard let own else { return }
        levels[index] = level(of: index, by: own)
    }

    /// Asks the app's order for the levels of all pickable pieces, before they are sorted.
    mutating func updateLevels() {
        guard let own else { return }
        for index in records.indices where records[index].isPickable { levels[index] = level(of: index, by: own) }
    }

    private func level(of index: Int, by order: some PieceOrder) -> UInt8 {
        let record = records[index]
        let availability = Int(record.availability)
        let facts = PieceFacts(availability: availability, priority: record.priority, pieceCount: records.count)
        return UInt8(clamping: min(order.level(of: PieceIndex(index), facts), BucketRanges.levelCount - 1))
    }
}
