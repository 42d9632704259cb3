// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// All pieces, and the pickable ones sorted: by priority, the highest first, then by rarity.
///
/// `order` is cut into buckets, one for each priority and rarity. A piece that becomes one peer rarer or more common
/// changes places with a piece at the edge of its bucket, and the edge moves: O(1), whatever the number of pieces. A
/// large bitfield only marks the order stale, and the next pick sorts once for all that came.
///
/// Memory: 12 bytes a piece, and one bit in `pickable`. Owner: `PiecePicker`.
///
/// Invariants, unless stale: `order[..<pickableCount]` holds each pickable piece once, its `place` says where, and the
/// piece at every place belongs to the bucket there. Pickable is free and not skipped.
struct PieceOrder: Sendable {
    /// Where a piece stands.
    enum State: UInt8 {
        /// Not begun.
        case free
        /// Begun: `place` is its slot in `OpenPieces`.
        case open
        /// Verified and on disk.
        case had
        /// All padding: nothing to ask for.
        case dataless
    }

    /// One piece, in 8 bytes.
    struct Record: Sendable {
        var place: UInt32 = 0
        /// Peers that have the piece, those counted as seeds left out.
        var availability: UInt16 = 0
        var priority = PiecePriority.normal
        var state = State.free

        var isPickable: Bool { state == .free && priority != .skip }

        /// Pieces more common than the last level are all the same to us.
        var bucket: Int {
            let band = Int(PiecePriority.high.rawValue - priority.rawValue)
            return band * PieceOrder.rarityLevels + min(Int(availability), PieceOrder.rarityLevels - 1)
        }
    }

    static let rarityLevels = 64
    static let bandCount = 3
    static let bucketCount = bandCount * rarityLevels

    private(set) var records: [Record]
    private(set) var order: [UInt32]
    /// Where each bucket ends in `order`; it begins where the one before ends.
    private(set) var bucketEnds = [UInt32](repeating: 0, count: bucketCount)
    /// One bit for each pickable piece.
    private(set) var pickable: [UInt64]
    private(set) var pickableCount = 0
    private(set) var isStale = true

    init(pieceCount: Int) {
        records = Array(repeating: Record(), count: pieceCount)
        order = Array(repeating: 0, count: pieceCount)
        pickable = Array(repeating: 0, count: (pieceCount + 63) / 64)
        for index in 0..<pieceCount { setPickable(index, true) }
    }

    var count: Int { records.count }

    func bucketRange(_ bucket: Int) -> Range<Int> {
        let start = bucket == 0 ? 0 : Int(bucketEnds[bucket - 1])
        return start..<Int(bucketEnds[bucket])
    }

    /// The places of all pieces of a priority.
    func bandRange(_ priority: PiecePriority) -> Range<Int> {
        let first = Int(PiecePriority.high.rawValue - priority.rawValue) * Self.rarityLevels
        return bucketRange(first).lowerBound..<Int(bucketEnds[first + Self.rarityLevels - 1])
    }

    // MARK: Availability

    /// One more peer has the piece.
    mutating func raise(_ index: Int) {
        guard records[index].availability < .max else { return }
        let old = records[index].bucket
        records[index].availability += 1
        guard !isStale, records[index].isPickable, records[index].bucket != old else { return }
        bucketEnds[old] -= 1
        exchange(index, withPlace: bucketEnds[old])
    }

    /// One peer less has it.
    mutating func lower(_ index: Int) {
        guard records[index].availability > 0 else { return }
        let old = records[index].bucket
        records[index].availability -= 1
        guard !isStale, records[index].isPickable, records[index].bucket != old else { return }
        exchange(index, withPlace: bucketEnds[old - 1])
        bucketEnds[old - 1] += 1
    }

    /// Counts a whole bitfield `change` times more; the order is sorted again by `refresh`.
    mutating func addAll(_ bits: Bitfield, _ change: Int) {
        isStale = true
        for (wordIndex, word) in bits.words.enumerated() {
            var rest = word
            while rest != 0 {
                let index = wordIndex << 6 + rest.trailingZeroBitCount
                rest &= rest - 1
                guard index < records.count else { return }
                records[index].availability = UInt16(clamping: Int(records[index].availability) + change)
            }
        }
    }

    /// Counts every piece `change` times more.
    mutating func addToEach(_ change: Int) {
        isStale = true
        for index in records.indices {
            records[index].availability = UInt16(clamping: Int(records[index].availability) + change)
        }
    }

    // MARK: State

    mutating func setState(_ state: State, of index: Int) {
        update(index) { $0.state = state }
    }

    /// Marks the piece begun, in `slot` of the open pieces.
    mutating func setOpen(_ index: Int, slot: Int) {
        update(index) { $0.state = .open }
        records[index].place = UInt32(truncatingIfNeeded: slot)
    }

    mutating func setPriority(_ priority: PiecePriority, of index: Int) {
        update(index) { $0.priority = priority }
    }

    /// Sets every priority; sorted again by `refresh`.
    mutating func setPriorities(_ priorities: [PiecePriority]) {
        isStale = true
        for (index, priority) in priorities.prefix(count).enumerated() { setPriority(priority, of: index) }
    }

    private mutating func update(_ index: Int, _ change: (inout Record) -> Void) {
        let wasPickable = records[index].isPickable
        if wasPickable, !isStale { remove(index) }
        change(&records[index])
        let isPickable = records[index].isPickable
        if isPickable != wasPickable { setPickable(index, isPickable) }
        if isPickable, !isStale { insert(index) }
    }

    private mutating func setPickable(_ index: Int, _ isPickable: Bool) {
        let bit: UInt64 = 1 << UInt64(index & 63)
        if isPickable { pickable[index >> 6] |= bit } else { pickable[index >> 6] &= ~bit }
        pickableCount += isPickable ? 1 : -1
    }

    // MARK: Sorting

    /// Sorts, where needed: one pass to count and one to place.
    mutating func refresh() {
        guard isStale else { return }
        isStale = false
        for bucket in bucketEnds.indices { bucketEnds[bucket] = 0 }
        for record in records where record.isPickable { bucketEnds[record.bucket] += 1 }
        var total: UInt32 = 0
        for bucket in bucketEnds.indices {
            let size = bucketEnds[bucket]
            bucketEnds[bucket] = total  // the cursor of the bucket, which ends up at its end
            total += size
        }
        for index in records.indices where records[index].isPickable {
            let bucket = records[index].bucket
            put(UInt32(truncatingIfNeeded: index), at: bucketEnds[bucket])
            bucketEnds[bucket] += 1
        }
    }

    private mutating func put(_ piece: UInt32, at place: UInt32) {
        order[Int(place)] = piece
        records[Int(piece)].place = place
    }

    private mutating func exchange(_ index: Int, withPlace place: UInt32) {
        let own = records[index].place
        put(order[Int(place)], at: own)
        put(UInt32(truncatingIfNeeded: index), at: place)
    }

    /// Fills the hole with the last of its bucket, and so on through the buckets behind.
    private mutating func remove(_ index: Int) {
        var hole = records[index].place
        for bucket in records[index].bucket..<Self.bucketCount {
            let last = bucketEnds[bucket] - 1
            if last != hole { put(order[Int(last)], at: hole) }
            hole = last
            bucketEnds[bucket] = last
        }
    }

    /// Makes room behind the bucket by moving the first of each bucket after it to that bucket's end.
    private mutating func insert(_ index: Int) {
        let own = records[index].bucket
        for bucket in stride(from: Self.bucketCount - 1, to: own, by: -1) {
            let first = bucketEnds[bucket - 1]
            if first != bucketEnds[bucket] { put(order[Int(first)], at: bucketEnds[bucket]) }
            bucketEnds[bucket] += 1
        }
        put(UInt32(truncatingIfNeeded: index), at: bucketEnds[own])
        bucketEnds[own] += 1
    }
}
