// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Whose optimistic turn it is.
extension Choker {
    /// The number of turns that an address may have without return before a new connection from it counts as a peer
    /// that has had one. Neighbours at one address need one each.
    static let unreturnedLimit = 4

    /// Returns whether `candidate` has received all that it may get in its turn without giving anything.
    func hasUsedUp(_ candidate: UnchokeCandidate) -> Bool {
        guard let turn = turns[candidate.peer] else { return false }
        return candidate.downloadedByteCount == turn.downloadedByteCount
            && candidate.bytesSinceUnchoke >= advanceByteCount
    }

    /// Returns the claim of `candidate` to another turn, disregarding neighbours' current turns.
    func claim(of candidate: UnchokeCandidate) -> OptimisticQueue.Claim {
        if let turn = turns[candidate.peer] {
            return candidate.downloadedByteCount > turn.downloadedByteCount ? .first : .again
        }
        let unreturnedCount = groups[candidate.group]?.unreturnedCount ?? 0
        if unreturnedCount == 0 { return .first }
        return unreturnedCount < Self.unreturnedLimit ? .neighbour : .again
    }

    /// Returns when the past or current turn of `candidate` began.
    func startOfTurn(_ candidate: UnchokeCandidate) -> Instant {
        turns[candidate.peer]?.startedAt ?? Instant(nanoseconds: .min)
    }

    /// Ends the turns of peers that are no longer interested or hold a regular slot now, and, if `mayEnd`, those that have
    /// lasted long enough. `rest` are the peers that want to download and hold no regular slot.
    mutating func endTurns(
        among candidates: [UnchokeCandidate],
        waiting rest: [UnchokeCandidate],
        besides regular: Set<PeerSlot>,
        mayEnd: Bool,
        policy: some UnchokePolicy,
        at now: Instant
    ) {
        let isCalledFor = rest.contains { !isOptimistic($0.peer) && claim(of: $0) < .again }
        for candidate in candidates where isOptimistic(candidate.peer) {
            let isLong = isCalledFor && hasUsedUp(candidate) || now - startOfTurn(candidate) >= Self.turnInterval
            let isOver = mayEnd && (isLong || !policy.hasOptimisticSlots)
            guard isOver || !candidate.isInterested || regular.contains(candidate.peer) else { continue }
            turns[candidate.peer]?.isRunning = false
        }
    }

    /// Slots that are not regular.
    struct OptimisticSlots {
        /// Their number.
        var count: Int
        /// Regular slots among them, which no peer deserves. They go only to peers that have something to show for it.
        var borrowedCount: Int
    }

    /// Returns the peers of `rest` that have a turn: those whose turn goes on, then the next.
    mutating func optimisticPeers(
        among rest: [UnchokeCandidate],
        _ slots: OptimisticSlots,
        isRound: Bool,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) -> [PeerSlot] {
        var left = slots.count - rest.count { isOptimistic($0.peer) }
        if isRound { left += endExtraTurns(in: rest, freeCount: left) }
        var peers = rest.map(\.peer).filter { isOptimistic($0) }
        let waiting = rest.filter { !isOptimistic($0.peer) }
        let guaranteed = left - slots.borrowedCount
        for chosen in nextOptimistic(waiting, count: left, repeats: guaranteed, at: now, using: &random) {
            let byteCount = chosen.downloadedByteCount
            turns[chosen.peer] = Turn(group: chosen.group, startedAt: now, downloadedByteCount: byteCount)
            groups.handleTurn(chosen.group, at: now)
            peers.append(chosen.peer)
        }
        return peers
    }

    /// Ends turns without return of addresses that have had another, or have another now, one for each address that waits
    /// for its first beyond `freeCount`. Returns how many. Such turns are lent, and end early; a first turn never does.
    mutating func endExtraTurns(in candidates: [UnchokeCandidate], freeCount: Int) -> Int {
        var runningCounts: [AddressGroup: Int] = [:]
        for candidate in candidates where isOptimistic(candidate.peer) {
            runningCounts[candidate.group, default: 0] += 1
        }
        guard !runningCounts.isEmpty else { return 0 }
        var waiting: Set<AddressGroup> = []
        for candidate in candidates where !isOptimistic(candidate.peer) && claim(of: candidate) == .first {
            if runningCounts[candidate.group] == nil { waiting.insert(candidate.group) }
        }
        let neededCount = waiting.count - max(0, freeCount)
        var endedCount = 0
        for candidate in candidates where endedCount < neededCount && isOptimistic(candidate.peer) {
            guard let turn = turns[candidate.peer], !turn.hasReturned else { continue }
            let runningCount = runningCounts[candidate.group, default: 1]
            guard runningCount > 1 || groups[candidate.group]?.unreturnedCount ?? 0 > 1 else { continue }
            runningCounts[candidate.group] = runningCount - 1
            turns[candidate.peer]?.isRunning = false
            endedCount += 1
        }
        return endedCount
    }

    /// Returns the next `count` peers to have a turn: newcomers and those that gave something in return, at random by
    /// address; then neighbours of peers that have a turn. Only the first `repeatCount` may be peers whose turn brought
    /// nothing in return, that of the address that has waited longest.
    func nextOptimistic(
        _ candidates: [UnchokeCandidate],
        count: Int,
        repeats repeatCount: Int,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) -> [UnchokeCandidate] {
        guard count > 0, !candidates.isEmpty else { return [] }
        let running = Set(turns.values.lazy.filter(\.isRunning).map(\.group))
        var numbers: [AddressGroup: Int] = [:]
        let entries = candidates.indices.map { index in
            let candidate = candidates[index]
            let group = candidate.group
            let number = numbers[group] ?? numbers.count
            numbers[group] = number
            let groupTurnAt = groups[group]?.turnAt
            let isNew = groupTurnAt == nil && now - candidate.connectedAt < Self.newcomerInterval
            return OptimisticQueue.Entry(
                index: index,
                group: number,
                claim: max(claim(of: candidate), running.contains(group) ? .neighbour : .first),
                weight: isNew ? Self.newcomerWeight : 1,
                lastTurns: (groupTurnAt ?? Instant(nanoseconds: .min), startOfTurn(candidate)),
                tieBreak: candidate.tieBreak
            )
        }
        var queue = OptimisticQueue(entries, groupCount: numbers.count)
        var chosen: [UnchokeCandidate] = []
        while chosen.count < count, let index = queue.popNext(mayRepeat: chosen.count < repeatCount, using: &random) {
            chosen.append(candidates[index])
        }
        return chosen
    }
}
