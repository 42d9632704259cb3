// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Asking twice for what others owe.
extension PiecePicker {
    /// Requests looked at for one peer.
    private static let duplicateScanCount = 256

    /// Asks the peer for blocks that others have owed for longest.
    ///
    /// In endgame that is all there is left to do. Before it, a peer can be out of work because slow ones hold all
    /// that the budget allows to be open. But for what is overdue at the end, or would keep everybody waiting, the bytes
    /// asked for twice stay a small share of those received.
    mutating func takeDuplicates(
        _ query: PickQuery,
        _ pieces: PeerPieces,
        _ now: Instant,
        _ goal: Int,
        _ requests: inout [BlockRequest]
    ) {
        let isLast = isEndgame
        let firstCount = goal - query.count
        guard isLast || isBudgetUsedUp else { return }
        let goal = min(goal, requests.count + limits.duplicatesPerCall)
        var scansLeft = Self.duplicateScanCount
        defer { work.add(Self.duplicateScanCount - scansLeft) }
        var id = outstanding.oldest
        while requests.count < goal, scansLeft > 0, id != OpenPieces.none {
            let entry = outstanding[id]
            guard now - entry.sentAt >= limits.duplicateAfter else { return }
            id = entry.nextByAge
            scansLeft -= 1
            let expectedAt = query.expectedAt(requests.count - firstCount, now)
            let isOverdue = isOverdue(entry, now)
            guard isOverdue || isFarSooner(expectedAt, than: entry, now) else { continue }
            guard let request = duplicate(of: entry, query, pieces) else { continue }
            let isHopeless = isOverdue || entry.expectedAt - now >= limits.patience
            if !isLast || !isHopeless {
                guard maySpeculate(Int(request.length)) else { continue }
                speculativeByteCount += Int(request.length)
            }
            ask(query.peer, forBlock: Int(entry.block), now, expectedAt: expectedAt)
            requests.append(request)
        }
    }

    /// Whether the answer is late: then a second one is hardly in vain.
    private func isOverdue(_ entry: OutstandingRequests.Entry, _ now: Instant) -> Bool {
        now >= entry.expectedAt + limits.duplicateAfter
    }

    /// Whether a second answer would take far less long than the first. It is a guess, and what a peer has begun to send
    /// cannot be cancelled: a wrong one costs a block.
    private func isFarSooner(_ expectedAt: Instant, than entry: OutstandingRequests.Entry, _ now: Instant) -> Bool {
        (expectedAt - now) * 3 + limits.duplicateAfter < entry.expectedAt - now
    }

    private func duplicate(
        of entry: OutstandingRequests.Entry,
        _ query: PickQuery,
        _ pieces: PeerPieces
    ) -> BlockRequest? {
        let block = open.blocks[Int(entry.block)]
        let slot = Int(entry.block) / open.blocksPerSlot
        guard Int(block.requesterCount) < limits.requestersPerBlock, !block.isFree else { return nil }
        guard isAllowed(open.slots[slot].index, query, pieces) else { return nil }
        guard outstanding.find(query.peer, in: block.link) == nil else { return nil }
        return geometry.block(Int(entry.block) - open.firstBlock(of: slot), of: PieceIndex(open.slots[slot].index))
    }

    /// Whether a piece of usual length could not be begun.
    private var isBudgetUsedUp: Bool { order.pickableCount > 0 && !hasRoom(for: 0) }

    private func maySpeculate(_ byteCount: Int) -> Bool {
        let share = acceptedByteCount / 1000 * limits.duplicateSharePerMille
        return speculativeByteCount + byteCount <= max(share, limits.duplicateByteCount)
    }
}
