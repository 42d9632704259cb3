// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Which blocks to request from a peer.
extension PiecePicker {
    /// Appends up to `query.count` blocks to request from `query.peer`, and records the requests.
    ///
    /// A snubbed peer gets no new requests until it has answered or lost those from before `handleSnubbed`. While
    /// `isEndgame`, call this about every `PickerLimits.duplicateAfter` for peers that can take requests.
    package mutating func nextRequests(
        _ query: PickQuery,
        from pieces: PeerPieces,
        at now: Instant,
        into requests: inout [BlockRequest]
    ) {
        guard query.count > 0, outstanding.list(of: query.peer).softCount == 0 else { return }
        time = now
        buckets.refresh()
        if !missed.isEmpty { missed.removeAll(keepingCapacity: true) }
        let goal = requests.count + query.count
        takeDeadlines(query, pieces, now, goal, &requests)
        takeCurrent(query, pieces, now, goal, &requests)
        while requests.count < goal, let slot = nextSlot(query, pieces, now) {
            take(from: slot, query, now, goal, &requests)
        }
        if requests.count < goal, !query.isSlow { takeDuplicates(query, pieces, now, goal, &requests) }
    }

    /// Returns an open piece to continue, or opens a new one. A slow peer opens a piece of its own rather than delay
    /// one that others work on.
    private mutating func nextSlot(_ query: PickQuery, _ pieces: PeerPieces, _ now: Instant) -> Int? {
        // Other peers are less likely to have what this peer suggests, so do not spend it on pieces that they can send.
        if !query.isSlow, !query.suggested.isEmpty, let piece = suggestedPiece(query, pieces), hasRoom(for: piece) {
            return begin(piece, query, now)
        }
        if let slot = begunSlot(query, pieces, slowOnly: query.isSlow) { return slot }
        if let piece = nextPiece(query, pieces, now), hasRoom(for: piece), !missed.contains(UInt32(piece)) {
            return begin(piece, query, now)
        }
        return query.isSlow ? begunSlot(query, pieces, slowOnly: false) : nil
    }

    private mutating func takeCurrent(
        _ query: PickQuery,
        _ pieces: PeerPieces,
        _ now: Instant,
        _ goal: Int,
        _ requests: inout [BlockRequest]
    ) {
        guard requests.count < goal, query.peer.int < currentPieces.count else { return }
        let current = currentPieces[query.peer.int]
        guard current != OpenPieces.none, let slot = openSlot(of: PieceIndex(current)) else { return }
        guard isAllowed(current, query, pieces), !missed.contains(current) else { return }
        take(from: slot, query, now, goal, &requests)
    }

    /// Returns the most wanted open piece with free blocks: by priority, then the oldest (in order: the lowest index).
    /// Mutating only for speed: otherwise the call would copy the picker.
    private mutating func begunSlot(_ query: PickQuery, _ pieces: PeerPieces, slowOnly: Bool) -> Int? {
        work.add(open.withFree.count)
        let best = open.withFree.first { candidate in
            guard isAllowed(candidate.piece, query, pieces), !missed.contains(candidate.piece) else { return false }
            return !slowOnly || open.slots[Int(candidate.slot)].isSlow
        }
        return best.map { Int($0.slot) }
    }

    /// Returns whether the peer has the piece, and accepts requests for it.
    func isAllowed(_ piece: UInt32, _ query: PickQuery, _ pieces: PeerPieces) -> Bool {
        guard pieces[PieceIndex(piece)] else { return false }
        return query.restrictedTo?.contains(PieceIndex(piece)) ?? true
    }

    /// Returns whether the budget allows opening the piece.
    func hasRoom(for piece: Int) -> Bool {
        if open.count < limits.minOpenPieceCount { return true }
        let byteCount = geometry.byteCount(of: PieceIndex(piece))
        return open.count < limits.openPieceCount && open.byteCount + byteCount <= limits.openByteCount
    }

    mutating func begin(_ piece: Int, _ query: PickQuery, _ now: Instant) -> Int {
        let slot = open.open(
            piece,
            blockCount: geometry.blockCount(of: PieceIndex(piece)),
            byteCount: geometry.byteCount(of: PieceIndex(piece)),
            priority: buckets.records[piece].priority,
            isSlow: query.isSlow,
            at: now
        )
        buckets.setOpen(piece, slot: slot)
        return slot
    }

    /// Requests free blocks of one piece from the peer.
    mutating func take(
        from slot: Int,
        _ query: PickQuery,
        _ now: Instant,
        _ goal: Int,
        _ requests: inout [BlockRequest]
    ) {
        let piece = open.slots[slot].index
        let peer = query.peer
        while requests.count < goal, let index = open.nextFreeBlock(of: slot) {
            let expectedAt = query.expectedAt(requests.count - (goal - query.count), now)
            ask(peer, forBlock: open.firstBlock(of: slot) + index, now, expectedAt: expectedAt)
            requests.append(geometry.block(index, of: PieceIndex(piece)))
        }
        open.touch(slot, at: now)
        if peer.int < currentPieces.count { currentPieces[peer.int] = piece }
    }

    mutating func ask(_ peer: PeerSlot, forBlock block: Int, _ now: Instant, expectedAt: Instant) {
        var link = open.blocks[block].link
        outstanding.append(block: block, to: &link, peer: peer, at: now, expectedAt: expectedAt)
        open.update(block: block) {
            $0.link = link
            $0.firmCount += 1
            $0.requesterCount += 1
        }
    }
}
