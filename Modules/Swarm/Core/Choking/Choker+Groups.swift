// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What each address has had, and what it may have next.
extension Choker {
    /// Records which addresses hold slots now, and which peers gave something in return for a turn.
    mutating func recordHolders(_ candidates: [UnchokeCandidate], at now: Instant) {
        for candidate in candidates {
            if candidate.isUnchoked { groups.handleHeld(candidate.group, at: now) }
            guard let turn = turns[candidate.peer], !turn.hasReturned else { continue }
            guard candidate.downloadedByteCount > turn.downloadedByteCount else { continue }
            turns[candidate.peer]?.hasReturned = true
            groups.handleReturned(candidate.group)
        }
    }

    /// Sets what the policy needs to know about the candidates' addresses.
    func describeGroups(
        of candidates: inout [UnchokeCandidate],
        sharing isShared: Bool,
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) {
        var numbers: [AddressGroup: Int] = [:]
        numbers.reserveCapacity(candidates.count)
        var counts: [Int] = []
        var isContended = false
        for index in candidates.indices {
            candidates[index].tieBreak = random.next()
            guard isShared else { continue }
            let group = candidates[index].group
            let number = numbers[group] ?? counts.count
            if number == counts.count {
                numbers[group] = number
                counts.append(0)
            }
            counts[number] += 1
            candidates[index].groupNumber = number
            candidates[index].addressHeldAt = groups[group]?.heldAt
            if candidates[index].addressHeldAt != now { isContended = true }
        }
        guard isContended else { return }
        for index in candidates.indices { candidates[index].isCrowded = counts[candidates[index].groupNumber] > 1 }
    }

    /// Returns the first `count` of `sorted`, but no second peer of an address before the first of another. Peers in `kept`
    /// hold slots already.
    static func firstOfEachGroup(
        _ sorted: [UnchokeCandidate],
        besides kept: [UnchokeCandidate],
        count: Int
    ) -> [UnchokeCandidate] {
        guard count < sorted.count else { return sorted }
        guard count > 0 else { return [] }
        let groupCount = 1 + max(sorted.lazy.map(\.groupNumber).max() ?? 0, kept.lazy.map(\.groupNumber).max() ?? 0)
        var heldCounts = [Int](repeating: 0, count: groupCount)
        for candidate in kept { heldCounts[candidate.groupNumber] += 1 }
        let ranks = sorted.map { candidate in
            heldCounts[candidate.groupNumber] += 1
            return heldCounts[candidate.groupNumber]
        }
        return sorted.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }.prefix(count).map { sorted[$0] }
    }
}
