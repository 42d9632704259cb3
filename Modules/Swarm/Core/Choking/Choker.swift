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
    /// Who comes first.
    package var policies = UnchokePolicies()
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

    /// Appends which of the connected peers to unchoke and to choke.
    ///
    /// Between two rounds, peers that are unchoked and interested stay unchoked, because ending a turn early leaves pieces
    /// half finished.
    package mutating func handle(
        _ occasion: Occasion,
        _ candidates: [UnchokeCandidate],
        policy: some UnchokePolicy,
        at now: Instant,
        using random: inout some RandomNumberGenerator,
        into decisions: inout ChokeDecisions
    ) {
        let isRound = occasion == .round
        recordHolders(candidates, at: now)
        let slotCount = slotCount(forRateBytesPerSecond: candidates.reduce(0) { $0 + $1.uploadBytesPerSecond })
        let optimisticCount = slotCount < 2 || !policy.hasOptimisticSlots ? 0 : max(1, slotCount / 5)
        var open = admitted(candidates, by: policy, at: now)
        describeGroups(of: &open, sharing: policy.sharesSlotsByAddress, at: now, using: &random)
        let regular = regularPeers(among: open, slotCount - optimisticCount, policy: policy, isRound: isRound, at: now)
        var unchoked = Set(regular.lazy.map(\.peer))
        let rest = open.filter { !unchoked.contains($0.peer) }
        endTurns(among: candidates, waiting: rest, besides: unchoked, mayEnd: isRound, policy: policy, at: now)
        let left = OptimisticSlots(
            count: slotCount - regular.count,
            borrowedCount: slotCount - optimisticCount - regular.count
        )
        unchoked.formUnion(optimisticPeers(among: rest, left, isRound: isRound, at: now, using: &random))
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

    /// Returns the peers that want to download and may. Any other loses its turn.
    private mutating func admitted(
        _ candidates: [UnchokeCandidate],
        by policy: some UnchokePolicy,
        at now: Instant
    ) -> [UnchokeCandidate] {
        var open: [UnchokeCandidate] = []
        open.reserveCapacity(candidates.count)
        for candidate in candidates where candidate.isInterested {
            if policy.admits(candidate, at: now) {
                open.append(candidate)
            } else {
                turns[candidate.peer]?.isRunning = false
            }
        }
        return open
    }

    /// Returns the peers that hold `count` regular slots: between rounds those that do already, then the next by rank.
    private func regularPeers(
        among open: [UnchokeCandidate],
        _ count: Int,
        policy: some UnchokePolicy,
        isRound: Bool,
        at now: Instant
    ) -> [UnchokeCandidate] {
        let kept = isRound ? [] : open.filter { $0.isUnchoked && !isOptimistic($0.peer) }
        let ranked = ranked(isRound ? open : open.filter { !$0.isUnchoked }, by: policy, at: now)
        let freeCount = max(0, count - kept.count)
        guard policy.sharesSlotsByAddress else { return kept + ranked.prefix(freeCount) }
        return kept + Self.firstOfEachGroup(ranked, besides: kept, count: freeCount)
    }

    /// Returns the peers that deserve a slot, by rank, those of equal rank in the order drawn.
    private func ranked<Policy: UnchokePolicy>(
        _ open: [UnchokeCandidate],
        by policy: Policy,
        at now: Instant
    ) -> [UnchokeCandidate] {
        var ranks: [(rank: Policy.Rank, index: Int)] = []
        ranks.reserveCapacity(open.count)
        for index in open.indices {
            if let rank = policy.rank(of: open[index], at: now) { ranks.append((rank, index)) }
        }
        ranks.sort { a, b in
            if a.rank < b.rank { return true }
            if b.rank < a.rank { return false }
            return (open[a.index].tieBreak, open[a.index].peer) < (open[b.index].tieBreak, open[b.index].peer)
        }
        return ranks.map { open[$0.index] }
    }

    /// Returns the number of slots at a total upload rate.
    package func slotCount(forRateBytesPerSecond rate: Double) -> Int {
        switch slots {
        case .fixed(let count): max(0, count)
        case .automatic: UploadSlots.count(forRateBytesPerSecond: rate)
        }
    }
}
