// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The state of all pieces, and the pickable ones sorted: by priority, highest first, then by rarity.
///
/// `order` is divided into buckets, one for each priority and rarity. When a piece becomes rarer or more common by one
/// peer, it swaps places with a piece at the edge of its bucket, and the edge moves. A piece that becomes pickable
/// takes the place behind its bucket; one that stops being pickable leaves that place. Each of these is O(1), whatever
/// the number of pieces: at most, an insertion shifts the buckets up to the nearest gap. A large bitfield only marks
/// the order as stale; the next pick sorts it once for all changes so far.
///
/// Memory: 12 bytes per piece, and one bit in `pickable`. `PiecePicker` owns it.
///
/// Invariants, unless stale: `order` holds each pickable piece once, at its `place`; every piece at a place of a bucket
/// belongs to that bucket; all other places hold `nobody`. A piece is pickable if it is free and not skipped.
struct PieceOrder: Sendable {
    /// The state of a piece.
    enum State: UInt8 {
        /// Not open.
        case free
        /// Open: `place` is its slot in `OpenPieces`.
        case open
        /// Verified and on disk.
        case had
        /// All padding: there is nothing to request.
        case dataless
        /// No longer shared: content that grows keeps a window, and this piece is before it.
        case trimmed
    }

    /// The record of a piece, in 8 bytes.
    struct Record: Sendable {
        var place: UInt32 = 0
        /// The number of peers that have the piece, except those counted as seeds.
        var availability: UInt16 = 0
        var priority = PiecePriority.normal
        var state = State.free

        var isPickable: Bool { state == .free && priority != .skip }

        /// The bucket of the piece. Pieces more common than the last level share that level.
        var bucket: Int {
            let band = Int(PiecePriority.high.rawValue - priority.rawValue)
            return band * RarityBuckets.levelCount + min(Int(availability), RarityBuckets.levelCount - 1)
        }
    }

    /// Marks a place of `order` without a piece.
    static let nobody = UInt32.max

    var records: [Record]
    var order: [UInt32]
    /// The range of each bucket in `order`.
    var buckets: RarityBuckets
    /// One bit for each pickable piece.
    var pickable: [UInt64]
    var pickableCount = 0
    var isStale = true

    let work: WorkMeter

    init(pieceCount: Int, work: WorkMeter = WorkMeter()) {
        self.work = work
        records = Array(repeating: Record(), count: pieceCount)
        order = Array(repeating: Self.nobody, count: pieceCount)
        buckets = RarityBuckets(capacity: pieceCount)
        pickable = Array(repeating: 0, count: (pieceCount + 63) / 64)
        for index in 0..<pieceCount { setPickable(index, true) }
    }

    var count: Int { records.count }

    /// Returns the places of all pieces with a priority.
    func bandRange(_ priority: PiecePriority) -> Range<Int> {
        buckets.range(ofBand: Int(PiecePriority.high.rawValue - priority.rawValue))
    }

    /// The highest priority of any pickable piece.
    var highestPriority: PiecePriority? {
        [.high, .normal, .low].first { !bandRange($0).isEmpty }
    }

    /// Returns the first piece in `places` that is among `pieces`.
    func firstPiece(in places: Range<Int>, of pieces: PeerPieces) -> Int? {
        switch pieces {
        case .all: order[places].first { $0 != Self.nobody }.map { Int($0) }
        case .some(let bits), .growing(let bits):
            order.withUnsafeBufferPointer { order in
                // `nobody` is beyond the end of any bitfield.
                UnsafeBufferPointer(rebasing: order[places]).first { bits[PieceIndex($0)] }.map { Int($0) }
            }
        }
    }

    // MARK: Availability

    /// Counts one more peer that has the piece.
    mutating func raise(_ index: Int) {
        guard records[index].availability < .max else { return }
        let old = records[index].bucket
        records[index].availability += 1
        guard !isStale, records[index].isPickable, records[index].bucket != old else { return }
        moveToLast(index, of: old)
        buckets.dropLast(of: old)
        order[Int(records[index].place)] = Self.nobody
        put(UInt32(truncatingIfNeeded: index), at: buckets.extendDown(old + 1))
    }

    /// Counts one peer less that has the piece.
    mutating func lower(_ index: Int) {
        guard records[index].availability > 0 else { return }
        let old = records[index].bucket
        records[index].availability -= 1
        guard !isStale, records[index].isPickable, records[index].bucket != old else { return }
        moveToFirst(index, of: old)
        buckets.dropFirst(of: old)
        order[Int(records[index].place)] = Self.nobody
        put(UInt32(truncatingIfNeeded: index), at: buckets.extendUp(old - 1))
    }

    /// Adds `change` to the count of each piece in a bitfield. Marks the order as stale.
    mutating func addAll(_ bits: Bitfield, _ change: Int) {
        isStale = true
        work.add(bits.setCount + bits.words.count)
        records.withUnsafeMutableBufferPointer { records in
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
    }

    /// Adds `change` to the count of every piece. Marks the order as stale.
    mutating func addToEach(_ change: Int) {
        addAll(Bitfield(count: count, allSet: true), change)
    }

    // MARK: State

    mutating func setState(_ state: State, of index: Int) {
        update(index) { $0.state = state }
    }

    /// Marks the piece as open, in `slot` of the open pieces.
    mutating func setOpen(_ index: Int, slot: Int) {
        update(index) { $0.state = .open }
        records[index].place = UInt32(truncatingIfNeeded: slot)
    }

    mutating func setPriority(_ priority: PiecePriority, of index: Int) {
        update(index) { $0.priority = priority }
    }

    /// Sets the priority of each piece, by index. Marks the order as stale.
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

    mutating func setPickable(_ index: Int, _ isPickable: Bool) {
        let bit: UInt64 = 1 << UInt64(index & 63)
        if isPickable { pickable[index >> 6] |= bit } else { pickable[index >> 6] &= ~bit }
        pickableCount += isPickable ? 1 : -1
    }

    // MARK: Sorting

    /// Sorts the order if it is stale: one pass to count, one to place.
    mutating func refresh() {
        guard isStale else { return }
        isStale = false
        work.add(2 * records.count)
        var counts = [UInt32](repeating: 0, count: RarityBuckets.count)
        counts.withUnsafeMutableBufferPointer { counts in
            for record in records where record.isPickable { counts[record.bucket] += 1 }
        }
        var cursors = buckets.rebuild(counts)
        cursors.withUnsafeMutableBufferPointer { placeAll(at: $0) }
    }

    /// Places each pickable piece at the cursor of its bucket.
    private mutating func placeAll(at cursors: UnsafeMutableBufferPointer<UInt32>) {
        records.withUnsafeMutableBufferPointer { records in
            order.withUnsafeMutableBufferPointer { order in
                order.update(repeating: Self.nobody)
                for index in records.indices where records[index].isPickable {
                    let bucket = records[index].bucket
                    let place = cursors[bucket]
                    cursors[bucket] = place + 1
                    order[Int(place)] = UInt32(truncatingIfNeeded: index)
                    records[index].place = place
                }
            }
        }
    }

    private mutating func put(_ piece: UInt32, at place: UInt32) {
        order[Int(place)] = piece
        records[Int(piece)].place = place
    }

    /// Swaps places with the last piece of the bucket.
    private mutating func moveToLast(_ index: Int, of bucket: Int) {
        exchange(index, withPlace: buckets.last(bucket))
    }

    private mutating func moveToFirst(_ index: Int, of bucket: Int) {
        exchange(index, withPlace: buckets.first(bucket))
    }

    private mutating func exchange(_ index: Int, withPlace place: UInt32) {
        let own = records[index].place
        guard own != place else { return }
        put(order[Int(place)], at: own)
        put(UInt32(truncatingIfNeeded: index), at: place)
    }

    private mutating func remove(_ index: Int) {
        let own = records[index].bucket
        moveToLast(index, of: own)
        order[Int(records[index].place)] = Self.nobody
        buckets.dropLast(of: own)
    }

    /// Inserts a piece behind or before its bucket. If neither place is free, shifts the buckets up to the nearest gap
    /// by one place first.
    mutating func insert(_ index: Int) {
        let own = records[index].bucket
        let piece = UInt32(truncatingIfNeeded: index)
        switch buckets.gaps(around: own) {
        case (let behind?, _):
            for bucket in stride(from: behind, to: own, by: -1) { moveUp(bucket) }
            put(piece, at: buckets.extendUp(own))
        case (_, let before?):
            for bucket in before..<own { moveDown(bucket) }
            put(piece, at: buckets.extendDown(own))
        default: isStale = true  // cannot happen: there are as many places as pieces
        }
    }

    /// `moveUp` shifts a bucket one place up: its first piece moves behind its last. `moveDown` does the reverse.
    private mutating func moveUp(_ bucket: Int) {
        guard !buckets.range(bucket).isEmpty else { return buckets.shift(bucket, by: 1) }
        let hole = Int(buckets.first(bucket))
        put(order[hole], at: buckets.last(bucket) + 1)
        order[hole] = Self.nobody
        buckets.shift(bucket, by: 1)
    }

    private mutating func moveDown(_ bucket: Int) {
        guard !buckets.range(bucket).isEmpty else { return buckets.shift(bucket, by: -1) }
        let hole = Int(buckets.last(bucket))
        put(order[hole], at: buckets.first(bucket) - 1)
        order[hole] = Self.nobody
        buckets.shift(bucket, by: -1)
    }
}
