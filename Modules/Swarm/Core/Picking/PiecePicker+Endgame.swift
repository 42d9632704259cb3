// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Duplicate requests for blocks that other peers owe us.
extension PiecePicker {
    /// The number of requests to scan per call.
    private static let duplicateScanCount = 256
    /// The number of steps that a call may take, after which it scans no further request: a block has one request for each
    /// peer that was asked for it, however many were snubbed since.
    private static let duplicateStepCount = 8_192

    /// Requests from this peer the blocks that others have owed for longest.
    ///
    /// In endgame, nothing else is left to request. Before it, slow peers can hold all the pieces that the budget
    /// allows to be open, so that a peer finds no work. Duplicates are limited to a small share of the bytes received;
    /// in endgame, requests that are overdue, or whose answer is more than `patience` away, are exempt.
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
        let lastStep = work.stepCount &+ Self.duplicateStepCount
        var id = outstanding.oldest
        while requests.count < goal, scansLeft > 0, work.stepCount < lastStep, id != OpenPieces.none {
            let entry = outstanding[id]
            guard now - entry.sentAt >= limits.duplicateAfter else { return }
            id = entry.nextByAge
            scansLeft -= 1
            let expectedAt = query.expectedAt(requests.count - firstCount, now)
            let isOverdue = isOverdue(entry, now)
            guard isOverdue || isFarSooner(expectedAt, than: entry, now) else { continue }
            guard let request = duplicate(of: entry, query, pieces, now) else { continue }
            let isHopeless = isOverdue || entry.expectedAt - now >= limits.patience
            if !isLast || !isHopeless {
                guard mayDuplicate(request) else { continue }
            }
            ask(query.peer, forBlock: Int(entry.block), now, expectedAt: expectedAt)
            requests.append(request)
        }
    }

    /// Returns whether the answer is late. A second request is then rarely redundant.
    func isOverdue(_ entry: OutstandingRequests.Entry, _ now: Instant) -> Bool {
        now >= entry.expectedAt + limits.duplicateAfter
    }

    /// Returns whether a second answer is expected far sooner than the first. This is an estimate: a block that a peer
    /// has begun to send cannot be cancelled, so a wrong estimate costs a block.
    private func isFarSooner(_ expectedAt: Instant, than entry: OutstandingRequests.Entry, _ now: Instant) -> Bool {
        (expectedAt - now) * 3 + limits.duplicateAfter < entry.expectedAt - now
    }

    private func duplicate(
        of entry: OutstandingRequests.Entry,
        _ query: PickQuery,
        _ pieces: PeerPieces,
        _ now: Instant
    ) -> BlockRequest? {
        let block = open.blocks[Int(entry.block)]
        let slot = Int(entry.block) / open.blocksPerSlot
        guard !block.isFree, isAllowed(open.slots[slot].index, query, pieces) else { return nil }
        guard mayJoin(query.peer, block, now) else { return nil }
        return geometry.block(Int(entry.block) - open.firstBlock(of: slot), of: PieceIndex(open.slots[slot].index))
    }

    /// Returns whether a block that is requested from others may be requested from `peer`.
    ///
    /// Requests of snubbed peers do not count, and those to peers at one address count as one. A peer that has sent
    /// nothing yet is not asked for what its neighbour owes. A peer that has is asked at once, however many owe the
    /// block, unless one that has sent blocks too is expected to send this one: no peer can exclude it by accepting
    /// requests and sending nothing, however recent these are. So at most one request is added to those of the others.
    func mayJoin(_ peer: PeerSlot, _ block: OpenPieces.BlockState, _ now: Instant) -> Bool {
        guard Int(block.firmCount) < limits.firmRequestersPerBlock else { return false }
        let isProven = requesters.isProven(peer)
        var steps = 0
        defer { work.add(steps) }
        var count = 0
        var isPromised = false
        var id = block.link
        while id != OpenPieces.none {
            let owed = outstanding[id]
            steps += 1
            if owed.peer == peer { return false }
            if !owed.isSoft {
                if !isProven, requesters.areNeighbours(peer, owed.peer) { return false }
                if !hasEarlierNeighbour(id, in: block.link) { count += 1 }
                isPromised = isPromised || isPromising(owed, now)
            }
            id = owed.nextOfBlock
        }
        return count < limits.requestersPerBlock || isProven && !isPromised
    }

    /// Returns whether the answer is expected soon, of a peer that has sent blocks.
    private func isPromising(_ owed: OutstandingRequests.Entry, _ now: Instant) -> Bool {
        guard requesters.isProven(owed.peer) else { return false }
        return owed.expectedAt - now < limits.longPatience && now - owed.expectedAt < limits.patience
    }

    /// Returns whether an earlier request in the block's list than `id` is expected to be answered by a peer at the
    /// same address.
    private func hasEarlierNeighbour(_ id: UInt32, in head: UInt32) -> Bool {
        let peer = outstanding[id].peer
        var steps = 0
        defer { work.add(steps) }
        var other = head
        while other != id, other != OpenPieces.none {
            let owed = outstanding[other]
            steps += 1
            if !owed.isSoft, requesters.areNeighbours(peer, owed.peer) { return true }
            other = owed.nextOfBlock
        }
        return false
    }

    /// Whether pieces are left, but the budget allows no further piece of full length.
    private var isBudgetUsedUp: Bool { buckets.pickableCount > 0 && !hasRoom(for: 0) }

    private mutating func mayDuplicate(_ request: BlockRequest) -> Bool {
        duplicates.take(
            Int(request.length),
            perMille: limits.duplicateSharePerMille,
            of: acceptedByteCount,
            atLeast: limits.duplicateByteCount
        )
    }
}
