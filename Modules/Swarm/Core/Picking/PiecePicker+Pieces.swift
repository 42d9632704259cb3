// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The progress of pieces, and their priorities.
extension PiecePicker {
    /// Handles a piece that is verified and on disk.
    package mutating func handlePieceVerified(_ piece: PieceIndex) {
        guard piece.int < buckets.count, piece.int < firstPiece || have.insert(piece) else { return }
        deadlines.remove(piece)
        if let slot = openSlot(of: piece) {
            close(slot, becoming: .had)
        } else if piece.int >= firstPiece {
            buckets.setState(.had, of: piece.int)
        }
        tellOrder(.verified(piece))
    }

    /// Handles an open piece that failed verification. Frees `badBlocks` to be requested again. If the bad blocks are
    /// not known (nil or empty), frees all blocks and closes the piece. BEP 52 leaves tell which blocks are bad.
    package mutating func handlePieceFailed(_ piece: PieceIndex, badBlocks: [Int]?) {
        guard let slot = openSlot(of: piece) else { return }
        guard let badBlocks, !badBlocks.isEmpty, piece.int >= firstPiece else { return close(slot, becoming: .free) }
        for index in badBlocks where open.slots[slot].blockCount > index && index >= 0 {
            let block = open.firstBlock(of: slot) + index
            guard open.blocks[block].isReceived else { continue }
            forget(block, length: geometry.block(index, of: piece).length)
        }
        closeIfUntouched(slot)
    }

    /// Handles the loss of a piece that we had, for example because its file is damaged.
    package mutating func handlePieceLost(_ piece: PieceIndex) {
        guard have.remove(piece) else { return }
        let state: PieceBuckets.State = geometry.blockCount(of: piece) == 0 ? .dataless : .free
        free(piece.int, becoming: state)
        tellOrder(.lost(piece))
    }

    /// Gives up an open piece that stalls while the budget is used up, so that another can be opened. Drop the data of
    /// the returned piece. Call this about once per second, until it returns nil.
    package mutating func nextAbandonedPiece(at now: Instant) -> PieceIndex? {
        guard buckets.pickableCount > 0, !hasRoom(for: 0) else { return nil }
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

    /// Sets the priority of a piece. An open piece is finished even if it is skipped.
    package mutating func setPriority(_ priority: FetchPriority, of piece: PieceIndex) {
        guard piece.int < buckets.count, buckets.records[piece.int].priority != priority else { return }
        buckets.setPriority(priority, of: piece.int)
        if let slot = openSlot(of: piece) { open.setPriority(priority, of: slot) }
        firstPickableWord = min(firstPickableWord, piece.int >> 6)
    }

    /// Sets the priority of each piece, by index.
    package mutating func setPriorities(_ priorities: [FetchPriority]) {
        buckets.setPriorities(priorities)
        for slot in open.active { open.setPriority(buckets.records[Int(open.slots[slot].index)].priority, of: slot) }
        firstPickableWord = 0
    }

    /// Closes an open piece: drops its requests, its blocks and their senders.
    mutating func close(_ slot: Int, becoming state: PieceBuckets.State) {
        let piece = PieceIndex(open.slots[slot].index)
        let first = open.firstBlock(of: slot)
        for index in 0..<open.slots[slot].blockCount {
            let block = open.blocks[first + index]
            if block.isReceived {
                senders.release(block.link)
                partialByteCount -= Int(geometry.block(index, of: piece).length)
            } else {
                while case let id = open.blocks[first + index].link, id != OpenPieces.none {
                    unlink(id, from: first + index)
                }
            }
        }
        open.close(slot)
        free(piece.int, becoming: state)
    }

    /// Closes a piece without requests and received blocks.
    mutating func closeIfUntouched(_ slot: Int) {
        guard open.slots[slot].requestCount == 0, open.slots[slot].receivedCount == 0 else { return }
        close(slot, becoming: .free)
    }

    private mutating func free(_ piece: Int, becoming wanted: PieceBuckets.State) {
        let state = piece < firstPiece ? .trimmed : wanted
        buckets.setState(state, of: piece)
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
