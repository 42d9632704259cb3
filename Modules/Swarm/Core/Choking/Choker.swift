// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Assigns upload slots in rounds of ten seconds. Most are regular slots, given by policy. One in five is optimistic,
/// given in turns of half a minute, so that new peers can show how much they upload (BEP 3, "optimistic unchoke").
///
/// Regular slots that no peer deserves are lent to peers that have not had an optimistic turn, or gave something in
/// return for it. A peer that uploads to us keeps its turn to the end. A turn in which a peer has received enough to
/// trade with, but has uploaded nothing, ends as soon as another peer waits, and that peer then comes after all others:
/// free riders starve. The swarm's core owns the choker, and reports to it when a peer leaves.
///
/// Turns count by address (IPv4: the address, IPv6: its /64) and across its connections, so that many connections, or
/// one after another, get no more than one would while others wait. libtorrent ranks connections, and admits one per
/// address by default. We admit neighbours at one address and give them the slots that no other peer waits for; what a
/// peer earns by uploading is its own, whatever its neighbours do.
package struct Choker: Sendable {
    /// The time between rounds.
    package static let roundInterval = Interval.seconds(10)
    /// The length of an optimistic turn.
    package static let turnInterval = Interval.seconds(30)
    /// How long a peer counts as a newcomer after connecting.
    package static let newcomerInterval = Interval.seconds(60)
    /// How many times as likely a newcomer is to get an optimistic slot.
    package static let newcomerWeight = 3

    /// The number of peers that may download at a time.
    package var slots: UploadSlots
    /// The number of bytes that a turn may give to a peer that gives nothing in return. About a piece: a peer with less
    /// has nothing to trade.
    package var advanceByteCount = 256 << 10

    /// An optimistic turn, past or current.
    struct Turn: Sendable {
        let group: AddressGroup
        var startedAt: Instant
        /// The number of bytes that the peer had sent us before the turn.
        var downloadedByteCount: Int
        var isRunning = true
        /// The peer has sent us something since the turn began.
        var hasReturned = false
    }

    /// The last turn of each connected peer that has had one.
    var turns: [PeerSlot: Turn] = [:]
    /// The turns of addresses, including those of peers that have left.
    var groups = GroupTurns()

    /// Creates a choker with `slots` upload slots.
    package init(slots: UploadSlots = .automatic) { self.slots = slots }

    /// Forgets a peer that has left. Its address stays known.
    package mutating func handlePeerLeft(_ peer: PeerSlot) { turns[peer] = nil }

    /// Returns whether `peer` has an optimistic slot.
    package func isOptimistic(_ peer: PeerSlot) -> Bool { turns[peer]?.isRunning ?? false }

    /// Runs a round over all connected peers, and appends which of them to unchoke and to choke.
    package mutating func handleRound(
        _ candidates: [ChokeCandidate],
        policy: some UnchokePolicy,
        at now: Instant,
        using random: inout some RandomNumberGenerator,
        into decisions: inout ChokeDecisions
    ) {
        decide(candidates, policy: policy, isRound: true, at: now, using: &random, into: &decisions)
    }

    /// Fills free slots between rounds, when a slot has become free or a peer has become interested. Peers that are
    /// unchoked and interested stay unchoked until the next round, because ending a turn early leaves pieces half
    /// finished.
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
        recordHolders(candidates, at: now)
        let slotCount = slotCount(forRateBytesPerSecond: candidates.reduce(0) { $0 + $1.uploadRate })
        let optimisticCount = slotCount < 2 || !policy.hasOptimisticSlots ? 0 : max(1, slotCount / 5)
        var unchoked = Set(candidates.lazy.filter { $0.isReserved && $0.isInterested }.map(\.peer))
        var open = candidates.filter { $0.isInterested && !$0.isReserved }
        describeGroups(of: &open, sharing: policy.sharesSlotsByAddress, at: now, using: &random)

        let kept = isRound ? [] : open.filter { $0.isUnchoked && !isOptimistic($0.peer) }
        let deserving = open.filter { policy.deservesSlot($0, at: now) && (isRound || !$0.isUnchoked) }
            .sorted { policy.precedes($0, $1, at: now) }
        let freeCount = max(0, slotCount - optimisticCount - kept.count)
        let chosen =
            policy.sharesSlotsByAddress
            ? Self.firstOfEachGroup(deserving, besides: kept, count: freeCount) : Array(deserving.prefix(freeCount))
        let regular = kept + chosen
        unchoked.formUnion(regular.lazy.map(\.peer))

        var rest = open.filter { !unchoked.contains($0.peer) }
        let isCalledFor = rest.contains { !isOptimistic($0.peer) && claim(of: $0) < .again }
        for candidate in candidates where isOptimistic(candidate.peer) {
            let isLong = isCalledFor && hasUsedUp(candidate) || now - startOfTurn(candidate) >= Self.turnInterval
            let isOver = isRound && (isLong || !policy.hasOptimisticSlots)
            guard isOver || !candidate.isInterested || unchoked.contains(candidate.peer) else { continue }
            turns[candidate.peer]?.isRunning = false
        }
        let borrowed = slotCount - optimisticCount - regular.count
        let runningCount = rest.count { isOptimistic($0.peer) }
        var optimisticLeft = optimisticCount + borrowed - runningCount
        if isRound { optimisticLeft += endExtraTurns(in: rest, freeCount: optimisticLeft) }
        for candidate in rest where isOptimistic(candidate.peer) { unchoked.insert(candidate.peer) }
        rest.removeAll { unchoked.contains($0.peer) }
        let guaranteed = optimisticLeft - borrowed
        for chosen in nextOptimistic(rest, count: optimisticLeft, repeats: guaranteed, at: now, using: &random) {
            let byteCount = chosen.downloadedByteCount
            turns[chosen.peer] = Turn(group: chosen.group, startedAt: now, downloadedByteCount: byteCount)
            groups.handleTurn(chosen.group, at: now)
            unchoked.insert(chosen.peer)
        }
        for candidate in candidates where candidate.isUnchoked != unchoked.contains(candidate.peer) {
            if candidate.isUnchoked {
                decisions.choke.append(candidate.peer)
            } else {
                groups.handleHeld(candidate.group, at: now)
                decisions.unchoke.append(candidate.peer)
            }
        }
        groups.forgetOld(at: now)
    }

    /// Returns the number of slots at a total upload rate.
    package func slotCount(forRateBytesPerSecond rate: Double) -> Int {
        switch slots {
        case .fixed(let count): max(0, count)
        case .automatic: UploadSlots.count(forRateBytesPerSecond: rate)
        }
    }
}
