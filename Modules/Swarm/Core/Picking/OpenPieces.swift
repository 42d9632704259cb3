// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The open pieces, with the state of each of their blocks. Slots are reused, so memory is allocated only when more
/// pieces are open than ever before.
///
/// `PiecePicker` owns it. Invariants: `active` lists the slots in use; `withFree` lists, by rank, those that have a
/// free block. A block is free if it has not been received and has no firm request.
struct OpenPieces: Sendable {
    /// An open piece.
    struct Piece: Sendable {
        var index: UInt32
        var blockCount: Int
        var byteCount: Int
        var freeCount: Int
        var receivedCount = 0
        /// Outstanding requests for its blocks, firm or soft.
        var requestCount = 0
        /// No block before this index is free.
        var firstFree = 0
        /// See `Candidate`.
        fileprivate(set) var rank: UInt64
        /// Grows with each piece opened, so the smallest is the oldest.
        fileprivate let sequence: UInt64
        /// When a block was last requested or received.
        var touchedAt: Instant
        /// Opened for a slow peer. Other slow peers join it in preference to pieces of fast peers.
        var isSlow: Bool
        fileprivate var placeInActive: Int
    }

    /// A piece with free blocks: everything that a choice between such pieces needs, in 16 bytes.
    struct Candidate: Sendable {
        /// The priority, highest first, then the age or index. The piece with the smaller rank goes first.
        var rank: UInt64
        var piece: UInt32
        var slot: UInt32
    }

    /// The state of a block, in 8 bytes.
    struct BlockState: Sendable {
        /// Before the block is received: its first request, or `none`. Afterwards: its sender, an id of `BlockSenders`.
        var link: UInt32 = OpenPieces.none
        /// All requests; there may be one to each connected peer.
        var requesterCount: UInt16 = 0
        /// Requests that are still expected to be answered. Bounded by `PickerLimits.firmRequestersPerBlock`.
        var firmCount: UInt8 = 0
        private var flags: UInt8 = 0

        var isReceived: Bool {
            get { flags & 1 != 0 }
            set { flags = newValue ? flags | 1 : flags & ~1 }
        }
        /// A peer is sending it, to its place in the piece.
        var isOwned: Bool {
            get { flags & 2 != 0 }
            set { flags = newValue ? flags | 2 : flags & ~2 }
        }

        var isFree: Bool { !isReceived && firmCount == 0 }
    }

    static let none = UInt32.max

    /// The number of blocks reserved for each slot.
    let blocksPerSlot: Int
    private(set) var slots: [Piece] = []
    private var freeSlots: [Int] = []
    private(set) var active: [Int] = []
    private(set) var withFree: [Candidate] = []
    var blocks: [BlockState] = []
    private(set) var byteCount = 0
    /// Free blocks in all open pieces.
    private(set) var freeBlockCount = 0
    private var nextSequence: UInt64 = 0
    private var isInOrder = false

    init(blocksPerSlot: Int) { self.blocksPerSlot = blocksPerSlot }

    var count: Int { active.count }

    /// Opens a piece and returns its slot.
    mutating func open(
        _ index: Int,
        blockCount: Int,
        byteCount: Int,
        priority: FetchPriority,
        isSlow: Bool,
        at now: Instant
    ) -> Int {
        let piece = Piece(
            index: UInt32(truncatingIfNeeded: index),
            blockCount: blockCount,
            byteCount: byteCount,
            freeCount: blockCount,
            rank: Self.rank(priority, isInOrder ? UInt64(index) : nextSequence),
            sequence: nextSequence,
            touchedAt: now,
            isSlow: isSlow,
            placeInActive: active.count
        )
        nextSequence += 1
        self.byteCount += byteCount
        freeBlockCount += blockCount
        let slot = takeSlot(for: piece)
        active.append(slot)
        joinWithFree(slot)
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

    /// Closes a piece. The caller must release the requests and senders of its blocks first.
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

    /// Returns the index in `blocks` of a slot's first block.
    func firstBlock(of slot: Int) -> Int { slot * blocksPerSlot }

    /// Returns the first free block of `slot`, as an index within its piece.
    mutating func nextFreeBlock(of slot: Int) -> Int? {
        guard slots[slot].freeCount > 0 else { return nil }
        let first = firstBlock(of: slot)
        var index = slots[slot].firstFree
        while index < slots[slot].blockCount, !blocks[first + index].isFree { index += 1 }
        slots[slot].firstFree = index
        return index < slots[slot].blockCount ? index : nil
    }

    /// Changes a block, and updates the counts of its piece.
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
            if slots[slot].freeCount == 0 { joinWithFree(slot) }
            slots[slot].freeCount += 1
            freeBlockCount += 1
            slots[slot].firstFree = min(slots[slot].firstFree, index)
        } else {
            slots[slot].freeCount -= 1
            freeBlockCount -= 1
            if slots[slot].freeCount == 0 { leaveWithFree(slot) }
        }
    }

    private mutating func joinWithFree(_ slot: Int) {
        let piece = slots[slot].index
        let candidate = Candidate(rank: slots[slot].rank, piece: piece, slot: UInt32(truncatingIfNeeded: slot))
        withFree.insert(candidate, at: placeInWithFree(slots[slot].rank))
    }

    private mutating func leaveWithFree(_ slot: Int) { withFree.remove(at: placeInWithFree(slots[slot].rank)) }

    /// Returns the position of the candidate with this rank, or where to insert it. The newest pieces are last and
    /// asked about most often, so the end is checked first.
    private func placeInWithFree(_ rank: UInt64) -> Int {
        if let last = withFree.last, last.rank < rank { return withFree.count }
        return withFree.partitioningIndex { $0.rank >= rank }
    }
}

// MARK: - Ranks

extension OpenPieces {
    /// The number of bits of a rank below its priority.
    private static let bitsBelowPriority = UInt64(62)

    private static func rank(_ priority: FetchPriority, _ place: UInt64) -> UInt64 {
        UInt64(FetchPriority.high.rawValue - priority.rawValue) << bitsBelowPriority | place
    }

    private func rank(of piece: Piece, _ priority: FetchPriority) -> UInt64 {
        Self.rank(priority, isInOrder ? UInt64(piece.index) : piece.sequence)
    }

    /// Sets whether pieces of equal priority are ranked by index rather than by age. `priority` returns the priority of
    /// an open piece.
    mutating func setInOrder(_ isInOrder: Bool, _ priority: (UInt32) -> FetchPriority) {
        self.isInOrder = isInOrder
        withFree.removeAll(keepingCapacity: true)
        for slot in active {
            slots[slot].rank = rank(of: slots[slot], priority(slots[slot].index))
            if slots[slot].freeCount > 0 { joinWithFree(slot) }
        }
    }

    /// Sets the priority of an open piece.
    mutating func setPriority(_ priority: FetchPriority, of slot: Int) {
        let hasFree = slots[slot].freeCount > 0
        if hasFree { leaveWithFree(slot) }
        slots[slot].rank = rank(of: slots[slot], priority)
        if hasFree { joinWithFree(slot) }
    }
}
