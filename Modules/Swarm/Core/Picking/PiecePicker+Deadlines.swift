// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Pieces with deadlines.
extension PiecePicker {
    /// The pieces with deadlines to look at per call.
    private static let deadlinesPerCall = 256
    /// The pieces that may be requested twice because they are late: what a reader needs next.
    private static let hedgedPieceCount = 2

    // MARK: - Setting

    /// Sets a deadline, by which `piece` is wanted before all pieces without one; nil removes it. A skipped piece
    /// becomes high priority. Beyond `PickerLimits.deadlineCount`, the latest deadline is dropped.
    package mutating func setDeadline(_ deadline: Instant?, of piece: PieceIndex) {
        deadlines.remove(piece)
        guard let deadline, piece.int < buckets.count, !have[piece] else { return }
        if buckets.records[piece.int].priority == .skip { setPriority(.high, of: piece) }
        deadlines.insert(piece, at: deadline, limit: limits.deadlineCount)
    }

    /// Sets a deadline unless the piece has an earlier one.
    mutating func advanceDeadline(to deadline: Instant, of piece: PieceIndex) {
        if let old = deadlines.deadline(of: piece), old <= deadline { return }
        setDeadline(deadline, of: piece)
    }

    /// Returns whether the piece has a deadline.
    func hasDeadline(_ piece: PieceIndex) -> Bool { deadlines.deadline(of: piece) != nil }

    /// Finds the requests that are not worth waiting for once no reader waits for the piece: those whose answers have
    /// not started to arrive, if less than half of the piece has and it has no deadline. Appends them to `withdrawn`.
    func withdraw(_ piece: PieceIndex, into withdrawn: inout [(peer: PeerSlot, block: BlockRequest)]) {
        guard !hasDeadline(piece), let slot = openSlot(of: piece) else { return }
        guard 2 * open.slots[slot].receivedCount < open.slots[slot].blockCount else { return }
        let first = open.firstBlock(of: slot)
        for index in 0..<open.slots[slot].blockCount where !open.blocks[first + index].isReceived {
            var id = open.blocks[first + index].link
            while id != OpenPieces.none {
                let entry = outstanding[id]
                if entry.place == .nowhere { withdrawn.append((entry.peer, geometry.block(index, of: piece))) }
                id = entry.nextOfBlock
            }
        }
    }

    // MARK: - Requesting

    /// Requests pieces by deadline, as far as the budget allows opening them, and the late blocks of the first of them
    /// a second time.
    ///
    /// A peer that is slow, or slower than others, is given nothing that it would deliver too late: that would be worse
    /// than no request. Until the deadline has passed, it gets such a piece in no other way either: see `missed`.
    mutating func takeDeadlines(
        _ query: PickQuery,
        _ pieces: PeerPieces,
        _ now: Instant,
        _ goal: Int,
        _ requests: inout [BlockRequest]
    ) {
        var place = 0
        while requests.count < goal, let piece = deadlines.piece(at: place), place < Self.deadlinesPerCall {
            defer { place += 1 }
            let deadline = deadlines.deadline(at: place)
            guard isAllowed(piece, query, pieces) else { continue }
            let expectedAt = query.expectedAt(requests.count - (goal - query.count), now)
            if query.isSlow || query.isLaggard, expectedAt > deadline {
                if deadline > now { missed.append(piece) }
                continue
            }
            if let slot = openSlot(of: PieceIndex(piece)) {
                take(from: slot, query, now, goal, &requests)
                if place < Self.hedgedPieceCount, !query.isSlow {
                    hedge(slot, by: deadline, query, now, goal, &requests)
                }
            } else if buckets.records[Int(piece)].isPickable, hasRoom(for: Int(piece)) {
                take(from: begin(Int(piece), query, now), query, now, goal, &requests)
            }
        }
        work.add(place)
    }

    /// Requests from this peer the blocks that others will deliver too late, if it will be far sooner.
    private mutating func hedge(
        _ slot: Int,
        by deadline: Instant,
        _ query: PickQuery,
        _ now: Instant,
        _ goal: Int,
        _ requests: inout [BlockRequest]
    ) {
        let first = open.firstBlock(of: slot)
        let piece = PieceIndex(open.slots[slot].index)
        work.add(open.slots[slot].blockCount)
        for index in 0..<open.slots[slot].blockCount where requests.count < goal {
            let block = open.blocks[first + index]
            guard !block.isReceived, !block.isFree else { continue }
            let expectedAt = query.expectedAt(requests.count - (goal - query.count), now)
            guard isLate(block.link, deadline, query.peer, expectedAt, now),
                mayJoin(query.peer, block, now)
            else { continue }
            let request = geometry.block(index, of: piece)
            guard mayHedge(request) else { return }
            ask(query.peer, forBlock: first + index, now, expectedAt: expectedAt)
            requests.append(request)
        }
    }

    private mutating func mayHedge(_ request: BlockRequest) -> Bool {
        hedges.take(
            Int(request.length),
            perMille: limits.hedgeSharePerMille,
            of: acceptedByteCount,
            atLeast: limits.hedgeByteCount
        )
    }

    /// Whether all requests in a block's list will be answered after the deadline, and one to `peer` clearly sooner. A
    /// request that is overdue has been misjudged: by how much is not known.
    private func isLate(
        _ head: UInt32,
        _ deadline: Instant,
        _ peer: PeerSlot,
        _ expectedAt: Instant,
        _ now: Instant
    ) -> Bool {
        var steps = 0
        defer { work.add(steps) }
        var id = head
        while id != OpenPieces.none {
            let owed = outstanding[id]
            steps += 1
            guard owed.peer != peer, now - owed.sentAt >= limits.duplicateAfter, max(owed.expectedAt, now) > deadline
            else { return false }
            let isClearlySooner = (expectedAt - now) * 3 + limits.duplicateAfter < (owed.expectedAt - now) * 2
            guard isOverdue(owed, now) || isClearlySooner else { return false }
            id = owed.nextOfBlock
        }
        return true
    }
}
