// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The pieces that are begun, with the state of each of their blocks. Slots are reused: nothing is allocated once the
/// most pieces that were ever open at a time have been open.
///
/// Owner: `PiecePicker`. Invariants: `active` lists the slots in use, `withFree` those of them that have a free block;
/// a block is free when it is not here and nobody is firmly asked for it.
struct OpenPieces: Sendable {
    /// One begun piece.
    struct Piece: Sendable {
        var index: UInt32
        var blockCount: Int
        var byteCount: Int
        var freeCount: Int
        var receivedCount = 0
        /// Requests outstanding for its blocks, firm or not.
        var requestCount = 0
        /// No block before this one is free.
        var firstFree = 0
        /// Grows with each piece begun: the smallest is the oldest.
        var sequence: UInt64
        /// When something was last asked for or received.
        var touchedAt: Instant
        /// Begun for a slow peer: left to such.
        var isSlow: Bool
        fileprivate var placeInActive: Int
        /// -1 while it has no free block.
        fileprivate var placeInWithFree: Int
    }

    /// One block, in 8 bytes.
    struct BlockState: Sendable {
        /// While missing: first of its requests, or `none`. Once here: who sent it, as an index of `BlockSenders`.
        var link: UInt32 = OpenPieces.none
        /// Peers asked for it whose answer is counted on.
        var firmCount: UInt8 = 0
        var requesterCount: UInt8 = 0
        var isReceived = false

        var isFree: Bool { !isReceived && firmCount == 0 }
    }

    static let none = UInt32.max

    /// Blocks set apart for each slot.
    let blocksPerSlot: Int
    private(set) var slots: [Piece] = []
    private var freeSlots: [Int] = []
    private(set) var active: [Int] = []
    private(set) var withFree: [Int] = []
    var blocks: [BlockState] = []
    private(set) var byteCount = 0
    /// Free blocks of all open pieces.
    private(set) var freeBlockCount = 0
    private var nextSequence: UInt64 = 0

    init(blocksPerSlot: Int) { self.blocksPerSlot = blocksPerSlot }

    var count: Int { active.count }

    /// Begins a piece; returns its slot.
    mutating func open(_ index: Int, blockCount: Int, byteCount: Int, isSlow: Bool, at now: Instant) -> Int {
        let piece = Piece(
            index: UInt32(truncatingIfNeeded: index),
            blockCount: blockCount,
            byteCount: byteCount,
            freeCount: blockCount,
            sequence: nextSequence,
            touchedAt: now,
            isSlow: isSlow,
            placeInActive: active.count,
            placeInWithFree: withFree.count
        )
        nextSequence += 1
        self.byteCount += byteCount
        freeBlockCount += blockCount
        let slot = takeSlot(for: piece)
        active.append(slot)
        withFree.append(slot)
        return slot
    }

    private mutating func takeSlot(for piece: Piece) -> Int {
        if let slot = freeSlots.popLast() {
            slots[slot] = piece
            for block in firstBlock(of: slot)..<firstBlock(of: slot) + blocksPerSlot { blocks[block] = BlockState() }
            return slot
        }
        slots.append(piece)
        blocks.append(contentsOf: repeatElement(BlockState(), count: blocksPerSlot))
        return slots.count - 1
    }

    /// Ends a piece. Its blocks' requests and senders are the caller's to release before.
    mutating func close(_ slot: Int) {
        byteCount -= slots[slot].byteCount
        freeBlockCount -= slots[slot].freeCount
        if slots[slot].freeCount > 0 { leaveWithFree(slot) }
        let place = slots[slot].placeInActive
        let moved = active[active.count - 1]
        active[place] = moved
        slots[moved].placeInActive = place
        active.removeLast()
        freeSlots.append(slot)
    }

    /// The index in `blocks` of a slot's first.
    func firstBlock(of slot: Int) -> Int { slot * blocksPerSlot }

    /// The first free block of `slot`, counted within its piece.
    mutating func nextFreeBlock(of slot: Int) -> Int? {
        guard slots[slot].freeCount > 0 else { return nil }
        let first = firstBlock(of: slot)
        var index = slots[slot].firstFree
        while index < slots[slot].blockCount, !blocks[first + index].isFree { index += 1 }
        slots[slot].firstFree = index
        return index < slots[slot].blockCount ? index : nil
    }

    /// Changes one block, and with it the counts of its piece.
    mutating func update(block: Int, _ change: (inout BlockState) -> Void) {
        let slot = block / blocksPerSlot
        let old = blocks[block]
        change(&blocks[block])
        let new = blocks[block]
        if new.isReceived != old.isReceived { slots[slot].receivedCount += new.isReceived ? 1 : -1 }
        slots[slot].requestCount += Int(new.requesterCount) - Int(old.requesterCount)
        if new.isFree != old.isFree { countFree(slot, index: block - firstBlock(of: slot), isFree: new.isFree) }
    }

    mutating func touch(_ slot: Int, at now: Instant) { slots[slot].touchedAt = now }

    private mutating func countFree(_ slot: Int, index: Int, isFree: Bool) {
        if isFree {
            if slots[slot].freeCount == 0 {
                slots[slot].placeInWithFree = withFree.count
                withFree.append(slot)
            }
            slots[slot].freeCount += 1
            freeBlockCount += 1
            slots[slot].firstFree = min(slots[slot].firstFree, index)
        } else {
            slots[slot].freeCount -= 1
            freeBlockCount -= 1
            if slots[slot].freeCount == 0 { leaveWithFree(slot) }
        }
    }

    private mutating func leaveWithFree(_ slot: Int) {
        let place = slots[slot].placeInWithFree
        let moved = withFree[withFree.count - 1]
        withFree[place] = moved
        slots[moved].placeInWithFree = place
        withFree.removeLast()
        slots[slot].placeInWithFree = -1
    }
}
