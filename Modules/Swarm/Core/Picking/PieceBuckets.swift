// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The state of all pieces, and the pickable ones sorted: by priority, highest first, then by level, lowest first.
///
/// The level of a piece is its rarity, or what an app's `PieceOrder` makes of it. `order` is divided into buckets, one for
/// each priority and level. When a piece becomes rarer or more common by one peer, it swaps places with a piece at the edge
/// of its bucket, and the edge moves. A piece that becomes pickable takes the place behind its bucket; one that stops being
/// pickable leaves that place. Each of these is O(1), whatever the number of pieces: at most, an insertion shifts the
/// buckets up to the nearest gap. A large bitfield only marks the order as stale; the next pick sorts it once for all
/// changes so far.
///
/// Memory: 12 bytes per piece, one bit in `pickable`, and one byte if an app's order decides. `PiecePicker` owns it.
///
/// Invariants, unless stale: `order` holds each pickable piece once, at its `place`; every piece at a place of a bucket
/// belongs to that bucket; all other places hold `nobody`. A piece is pickable if it is free and not skipped.
struct PieceBuckets: Sendable {
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
        var priority = FetchPriority.normal
        var state = State.free

        var isPickable: Bool { state == .free && priority != .skip }

        /// The first bucket of the piece's priority.
        var firstBucket: Int { Int(FetchPriority.high.rawValue - priority.rawValue) * BucketRanges.levelCount }

        /// The bucket of the piece, if rarity decides. Pieces more common than the last level share that level.
        var bucket: Int { firstBucket + min(Int(availability), BucketRanges.levelCount - 1) }
    }

    /// Marks a place of `order` without a piece.
    static let nobody = UInt32.max

    var records: [Record]
    var order: [UInt32]
    /// The range of each bucket in `order`.
    var ranges: BucketRanges
    /// One bit for each pickable piece.
    var pickable: [UInt64]
    var pickableCount = 0
    var isStale = true
    /// An app's order, which decides the levels; nil: rarity does.
    var own: (any PieceOrder)?
    /// The level of each piece, where an app's order decides: up to date for pickable ones, unless stale.
    var levels: [UInt8] = []

    let work: WorkMeter

    init(pieceCount: Int, work: WorkMeter = WorkMeter()) {
        self.work = work
        records = Array(repeating: Record(), count: pieceCount)
        order = Array(repeating: Self.nobody, count: pieceCount)
        ranges = BucketRanges(capacity: pieceCount)
        pickable = Array(repeating: 0, count: (pieceCount + 63) / 64)
        for index in 0..<pieceCount { setPickable(index, true) }
    }

    var count: Int { records.count }

    /// Returns the bucket of a piece that is not skipped.
    func bucket(of index: Int) -> Int {
        own == nil ? records[index].bucket : records[index].firstBucket + Int(levels[index])
    }

    /// Returns the places of all pieces with a priority.
    func bandRange(_ priority: FetchPriority) -> Range<Int> {
        ranges.range(ofBand: Int(FetchPriority.high.rawValue - priority.rawValue))
    }

    /// The highest priority of any pickable piece.
    var highestPriority: FetchPriority? {
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
        guard own == nil else { return update(index) { $0.availability += 1 } }
        let old = records[index].bucket
        records[index].availability += 1
        guard !isStale, records[index].isPickable, records[index].bucket != old else { return }
        moveToLast(index, of: old)
        ranges.dropLast(of: old)
        order[Int(records[index].place)] = Self.nobody
        put(UInt32(truncatingIfNeeded: index), at: ranges.extendDown(old + 1))
    }

    /// Counts one peer less that has the piece.
    mutating func lower(_ index: Int) {
        guard records[index].availability > 0 else { return }
        guard own == nil else { return update(index) { $0.availability -= 1 } }
        let old = records[index].bucket
        records[index].availability -= 1
        guard !isStale, records[index].isPickable, records[index].bucket != old else { return }
        moveToFirst(index, of: old)
        ranges.dropFirst(of: old)
        order[Int(records[index].place)] = Self.nobody
        put(UInt32(truncatingIfNeeded: index), at: ranges.extendUp(old - 1))
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

    mutating func setPriority(_ priority: FetchPriority, of index: Int) {
        update(index) { $0.priority = priority }
    }

    /// Sets the priority of each piece, by index. Marks the order as stale.
    mutating func setPriorities(_ priorities: [FetchPriority]) {
        isStale = true
        for (index, priority) in priorities.prefix(count).enumerated() { setPriority(priority, of: index) }
    }

    /// Changes what decides the bucket of a piece, and moves the piece there.
    mutating func update(_ index: Int, _ change: (inout Record) -> Void) {
        let wasPickable = records[index].isPickable
        if wasPickable, !isStale { remove(index) }
        change(&records[index])
        let isPickable = records[index].isPickable
        if isPickable != wasPickable { setPickable(index, isPickable) }
        guard isPickable, !isStale else { return }
        if own != nil { updateLevel(of: index) }
        insert(index)
    }

    mutating func setPickable(_ index: Int, _ isPickable: Bool) {
        let bit: UInt64 = 1 << UInt64(index & 63)
        if isPickable { pickable[index >> 6] |= bit } else { pickable[index >> 6] &= ~bit }
        pickableCount += isPickable ? 1 : -1
    }
}
