// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Gives out upload slots in rounds of ten seconds: regular ones by policy, and one in five by turns of half a minute,
/// so that newcomers can show what they give (BEP 3, "optimistic unchoke").
///
/// Slots that nobody deserves are lent to peers that never had a turn. A turn is long for those who give something for
/// it; one that brought enough to trade with, and nothing came back, ends as soon as somebody else waits. Whoever had
/// such a turn comes after all others: free riders starve. Owner: the swarm's core; told when a peer leaves.
package struct Choker: Sendable {
    /// Time between rounds.
    package static let roundInterval = Interval.seconds(10)
    /// Length of an optimistic turn.
    package static let turnInterval = Interval.seconds(30)
    /// A peer counts as new for so long ...
    package static let newcomerInterval = Interval.seconds(60)
    /// ... and is chosen that much likelier.
    package static let newcomerWeight = 3

    /// How many may download at a time.
    package var slots: UploadSlots
    /// What a turn may bring to who gives nothing for it; bytes. A piece: with less there is nothing to trade.
    package var advanceByteCount = 256 << 10

    /// An optimistic turn, past or present.
    private struct Turn: Sendable {
        var startedAt: Instant
        /// What the peer had given before it.
        var downloadedByteCount: Int
        var isRunning = true
    }

    /// The last turn of each connected peer that had one.
    private var turns: [PeerSlot: Turn] = [:]

    /// With `slots` upload slots at a time.
    package init(slots: UploadSlots = .automatic) { self.slots = slots }

    /// Forgets a peer.
    package mutating func handlePeerLeft(_ peer: PeerSlot) { turns[peer] = nil }

    /// Whether `peer` holds an optimistic slot.
    package func isOptimistic(_ peer: PeerSlot) -> Bool { turns[peer]?.isRunning ?? false }

    /// One round over all connected peers: appends whom to unchoke and whom to choke.
    package mutating func handleRound(
        _ candidates: [ChokeCandidate],
        policy: some UnchokePolicy,
        at now: Instant,
        using random: inout some RandomNumberGenerator,
        into decisions: inout ChokeDecisions
    ) {
        decide(candidates, policy: policy, isRound: true, at: now, using: &random, into: &decisions)
    }

    /// Between rounds a slot has become free, or somebody wants one: fills what is free. Whoever is unchoked and
    /// interested stays so until the next round, for a turn that is cut short leaves pieces in halves.
    package mutating func handleVacancy(
        _ candidates: [ChokeCandidate],
        policy: some UnchokePolicy,
        at now: Instant,
        using random: inout some RandomNumberGenerator,
        into decisions: inout ChokeDecisions
    ) {
        decide(candidates, policy: policy, isRound: false, at: now, using: &random, into: &decisions)
    }

    private mutating func decide(
        _ candidates: [ChokeCandidate],
        policy: some UnchokePolicy,
        isRound: Bool,
        at now: Instant,
        using random: inout some RandomNumberGenerator,
        into decisions: inout ChokeDecisions
    ) {
        let slotCount = slotCount(forRateBytesPerSecond: candidates.reduce(0) { $0 + $1.uploadRate })
        let optimisticCount = slotCount < 2 || !policy.hasOptimisticSlots ? 0 : max(1, slotCount / 5)
        var unchoked = Set(candidates.lazy.filter { $0.isReserved && $0.isInterested }.map(\.peer))
        let reservedCount = unchoked.count
        let open = candidates.filter { $0.isInterested && !$0.isReserved }

        let kept = isRound ? [] : open.filter { $0.isUnchoked && !isOptimistic($0.peer) }
        let deserving = open.filter { policy.deservesSlot($0, at: now) && (isRound || !$0.isUnchoked) }
            .sorted { policy.precedes($0, $1, at: now) }
        let regular = kept + deserving.prefix(max(0, slotCount - optimisticCount - kept.count))
        unchoked.formUnion(regular.lazy.map(\.peer))

        var rest = open.filter { !unchoked.contains($0.peer) }
        let isCalledFor = rest.contains { !isOptimistic($0.peer) && weight(of: $0, now) > 0 }
        for candidate in candidates where isOptimistic(candidate.peer) {
            let isLong = isCalledFor && hasUsedUp(candidate) || now - startOfTurn(candidate) >= Self.turnInterval
            let isOver = isRound && (isLong || !policy.hasOptimisticSlots)
            guard isOver || !candidate.isInterested || unchoked.contains(candidate.peer) else { continue }
            turns[candidate.peer]?.isRunning = false
        }
        for candidate in rest where isOptimistic(candidate.peer) { unchoked.insert(candidate.peer) }
        rest.removeAll { unchoked.contains($0.peer) }
        let borrowed = slotCount - optimisticCount - regular.count
        var optimisticLeft = optimisticCount + borrowed - (unchoked.count - reservedCount - regular.count)
        while optimisticLeft > 0, let index = nextOptimistic(rest, mayRepeat: optimisticLeft > borrowed, now, &random) {
            let chosen = rest.remove(at: index)
            turns[chosen.peer] = Turn(startedAt: now, downloadedByteCount: chosen.downloadedByteCount)
            unchoked.insert(chosen.peer)
            optimisticLeft -= 1
        }
        for candidate in candidates where candidate.isUnchoked != unchoked.contains(candidate.peer) {
            if candidate.isUnchoked {
                decisions.choke.append(candidate.peer)
            } else {
                decisions.unchoke.append(candidate.peer)
            }
        }
    }

    /// How many may download from us while we send at a rate.
    package func slotCount(forRateBytesPerSecond rate: Double) -> Int {
        switch slots {
        case .fixed(let count): max(0, count)
        case .automatic: UploadSlots.count(forRateBytesPerSecond: rate)
        }
    }

    /// Whether `candidate` has taken in its turn what it may without giving.
    private func hasUsedUp(_ candidate: ChokeCandidate) -> Bool {
        guard let turn = turns[candidate.peer] else { return false }
        return candidate.downloadedByteCount == turn.downloadedByteCount
            && candidate.bytesSinceUnchoke >= advanceByteCount
    }

    /// Who is unchoked by chance: somebody who never had a turn or gave something for it, newcomers rather than
    /// others; failing that and if `mayRepeat`, whose turn without return is longest ago.
    private func nextOptimistic(
        _ candidates: [ChokeCandidate],
        mayRepeat: Bool,
        _ now: Instant,
        _ random: inout some RandomNumberGenerator
    ) -> Int? {
        let total = candidates.reduce(0) { $0 + weight(of: $1, now) }
        guard total > 0 else {
            guard mayRepeat else { return nil }
            return candidates.indices.min { startOfTurn(candidates[$0]) < startOfTurn(candidates[$1]) }
        }
        var left = Int.random(in: 0..<total, using: &random)
        return candidates.indices.first { index in
            left -= weight(of: candidates[index], now)
            return left < 0
        }
    }

    private func weight(of candidate: ChokeCandidate, _ now: Instant) -> Int {
        if let turn = turns[candidate.peer] {
            return candidate.downloadedByteCount > turn.downloadedByteCount ? 1 : 0
        }
        return now - candidate.connectedAt < Self.newcomerInterval ? Self.newcomerWeight : 1
    }

    /// When the turn of `candidate`, past or present, began.
    private func startOfTurn(_ candidate: ChokeCandidate) -> Instant {
        turns[candidate.peer]?.startedAt ?? Instant(nanoseconds: .min)
    }
}
