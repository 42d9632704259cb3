// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What becomes of pieces, and how much they are wanted.
extension PiecePicker {
    /// The piece is verified and on disk.
    package mutating func handlePieceVerified(_ piece: PieceIndex) {
        guard piece.int < order.count, have.insert(piece) else { return }
        deadlines.remove(piece)
        if let slot = openSlot(of: piece) {
            close(slot, becoming: .had)
        } else {
            order.setState(.had, of: piece.int)
        }
    }

    /// The open piece did not verify. `badBlocks` are to be fetched again, where it is known which they are (BEP 52
    /// leaves); nil or none: all, and the piece is not begun any more.
    package mutating func handlePieceFailed(_ piece: PieceIndex, badBlocks: [Int]?) {
        guard let slot = openSlot(of: piece) else { return }
        guard let badBlocks, !badBlocks.isEmpty else { return close(slot, becoming: .free) }
        for index in badBlocks where open.slots[slot].blockCount > index && index >= 0 {
            let block = open.firstBlock(of: slot) + index
            guard open.blocks[block].isReceived else { continue }
            forget(block, length: geometry.block(index, of: piece).length)
        }
        closeIfUntouched(slot)
    }

    /// We lost a piece that we had (its file is damaged).
    package mutating func handlePieceLost(_ piece: PieceIndex) {
        guard have.remove(piece) else { return }
        let state: PieceOrder.State = geometry.blockCount(of: piece) == 0 ? .dataless : .free
        free(piece.int, becoming: state)
    }

    /// Gives up one open piece that stalls while the budget is used up, so that another can be begun: what came of it
    /// is to be dropped. To be called each second or so, until nil.
    package mutating func nextAbandonedPiece(at now: Instant) -> PieceIndex? {
        guard order.pickableCount > 0, !hasRoom(for: 0) else { return nil }
        let stalled = open.withFree.map { Int($0.slot) }.filter { slot in
            open.slots[slot].requestCount == 0 && now - open.slots[slot].touchedAt >= limits.stalledAfter
        }
        guard let slot = stalled.min(by: { open.slots[$0].receivedCount < open.slots[$1].receivedCount }) else {
            return nil
        }
        let piece = PieceIndex(open.slots[slot].index)
        close(slot, becoming: .free)
        return piece
    }

    /// Sets how much one piece is wanted. A begun piece is finished whatever comes.
    package mutating func setPriority(_ priority: PiecePriority, of piece: PieceIndex) {
        guard piece.int < order.count, order.records[piece.int].priority != priority else { return }
        order.setPriority(priority, of: piece.int)
        if let slot = openSlot(of: piece) { open.setPriority(priority, of: slot) }
        firstPickableWord = min(firstPickableWord, piece.int >> 6)
    }

    /// Sets how much each piece is wanted, by index.
    package mutating func setPriorities(_ priorities: [PiecePriority]) {
        order.setPriorities(priorities)
        for slot in open.active { open.setPriority(order.records[Int(open.slots[slot].index)].priority, of: slot) }
        firstPickableWord = 0
    }

    /// Wants `piece` by `deadline`, before all that has none; nil: as usual again. A skipped piece becomes high.
    /// Beyond `PickerLimits.deadlineCount` the latest is dropped.
    package mutating func setDeadline(_ deadline: Instant?, of piece: PieceIndex) {
        deadlines.remove(piece)
        guard let deadline, piece.int < order.count, !have[piece] else { return }
        if order.records[piece.int].priority == .skip { setPriority(.high, of: piece) }
        deadlines.insert(piece, at: deadline, limit: limits.deadlineCount)
    }

    /// Ends an open piece: forgets its requests, its blocks and who sent them.
    mutating func close(_ slot: Int, becoming state: PieceOrder.State) {
        let piece = PieceIndex(open.slots[slot].index)
        let first = open.firstBlock(of: slot)
        for index in 0..<open.slots[slot].blockCount {
            let block = open.blocks[first + index]
            if block.isReceived {
                senders.release(block.link)
                partialByteCount -= Int(geometry.block(index, of: piece).length)
            } else {
                var link = block.link
                while link != OpenPieces.none { outstanding.remove(link, from: &link) }
            }
        }
        open.close(slot)
        free(piece.int, becoming: state)
    }

    /// A piece that nobody is asked for, and nobody gave to, is not begun any more.
    mutating func closeIfUntouched(_ slot: Int) {
        guard open.slots[slot].requestCount == 0, open.slots[slot].receivedCount == 0 else { return }
        close(slot, becoming: .free)
    }

    private mutating func free(_ piece: Int, becoming state: PieceOrder.State) {
        order.setState(state, of: piece)
        if state == .free { firstPickableWord = min(firstPickableWord, piece >> 6) }
    }

    private mutating func forget(_ block: Int, length: UInt32) {
        senders.release(open.blocks[block].link)
        partialByteCount -= Int(length)
        open.update(block: block) {
            $0.isReceived = false
            $0.link = OpenPieces.none
        }
    }
}
