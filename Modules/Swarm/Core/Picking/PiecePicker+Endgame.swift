// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Asking twice for what others owe.
extension PiecePicker {
    /// Requests looked at for one peer.
    private static let duplicateScanCount = 256

    /// Asks the peer for blocks that others have owed for longest.
    ///
    /// In endgame that is all there is left to do. Before it, a peer can be out of work because slow ones hold all
    /// that the budget allows to be open; then the bytes asked for twice stay a small share of those received.
    mutating func takeDuplicates(
        _ query: PickQuery,
        _ pieces: PeerPieces,
        _ now: Instant,
        _ goal: Int,
        _ requests: inout [BlockRequest]
    ) {
        let isLast = isEndgame
        guard isLast || isBudgetUsedUp else { return }
        let goal = min(goal, requests.count + limits.duplicatesPerCall)
        var scansLeft = Self.duplicateScanCount
        var id = outstanding.oldest
        while requests.count < goal, scansLeft > 0, id != OpenPieces.none {
            let entry = outstanding[id]
            guard now - entry.sentAt >= limits.duplicateAfter else { return }
            id = entry.nextByAge
            scansLeft -= 1
            guard let request = duplicate(of: entry, query, pieces) else { continue }
            if !isLast {
                guard maySpeculate(Int(request.length)) else { return }
                speculativeByteCount += Int(request.length)
            }
            ask(query.peer, forBlock: Int(entry.block), now)
            requests.append(request)
        }
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
        (speculativeByteCount + byteCount) * 1000 <= acceptedByteCount * limits.duplicateSharePerMille
    }
}
