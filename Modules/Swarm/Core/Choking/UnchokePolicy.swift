// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Decides who may download from us, as one pure comparison.
package protocol UnchokePolicy: Sendable {
    /// Whether some slots are given at random, besides those by merit.
    var hasOptimisticSlots: Bool { get }
    /// Whether the first peer of each address gets a regular slot before the second of any.
    var sharesSlotsByAddress: Bool { get }
    /// Returns whether an interested `candidate` may hold a regular slot. If not, it can only be unchoked
    /// optimistically.
    func deservesSlot(_ candidate: ChokeCandidate, at now: Instant) -> Bool
    /// Returns whether `a` gets a slot before `b`. Must be a strict weak order.
    func precedes(_ a: ChokeCandidate, _ b: ChokeCandidate, at now: Instant) -> Bool
}

/// The policy while we download: peers that upload most to us come first (BEP 3). A peer that uploads nothing can only
/// get an optimistic slot.
package struct TitForTatPolicy: UnchokePolicy {
    /// A lower rate counts as nothing, in bytes per second.
    package static let leastRate = 512.0

    package let hasOptimisticSlots = true
    /// An earned slot is kept, however many peers of its address have earned others.
    package let sharesSlotsByAddress = false

    package init() {}

    package func deservesSlot(_ candidate: ChokeCandidate, at now: Instant) -> Bool {
        candidate.downloadRate >= Self.leastRate && !candidate.isSnubbed
    }

    package func precedes(_ a: ChokeCandidate, _ b: ChokeCandidate, at now: Instant) -> Bool {
        if a.downloadRate != b.downloadRate { return a.downloadRate > b.downloadRate }
        if a.isUnchoked != b.isUnchoked { return a.isUnchoked }
        return (a.tieBreak, a.peer) < (b.tieBreak, b.peer)
    }
}

/// The policy while we seed: turns. A turn lasts at least a minute and some pieces. Addresses that have waited longest
/// come next, and of an address the peer that has: a new connection does not bring a new turn. Among equals, peers that
/// have just begun or are almost done come first, because they are the most likely to pass on what they get. The
/// fastest peers may never upload anything.
package struct SeedingPolicy: UnchokePolicy {
    /// The minimum length of a turn.
    package static let turn = Interval.seconds(60)
    /// The number of bytes after which a turn may end.
    package static let turnByteCount = 4 << 20
    /// A slower turn ends after this many times the minimum length.
    package static let longestTurns = 5 as Int64
    /// The length of a turn of an address with several peers while another address waits, so that all of them together
    /// do not make the others wait for long.
    package static let crowdedTurn = Interval.seconds(20)

    /// Every peer gets a turn anyway, newcomers first. An optimistic turn would only put its peer at the end of the
    /// queue.
    package let hasOptimisticSlots = false
    package let sharesSlotsByAddress = true

    package init() {}

    package func deservesSlot(_ candidate: ChokeCandidate, at now: Instant) -> Bool { true }

    package func precedes(_ a: ChokeCandidate, _ b: ChokeCandidate, at now: Instant) -> Bool {
        let inTurn = (isInTurn(a, now), isInTurn(b, now))
        if inTurn.0 != inTurn.1 { return inTurn.0 }
        let groupsWaited = (roundsSinceGroupHeld(a, now), roundsSinceGroupHeld(b, now))
        if groupsWaited.0 != groupsWaited.1 { return groupsWaited.0 > groupsWaited.1 }
        let turnsWaited = (turnsWaited(a, now), turnsWaited(b, now))
        if turnsWaited.0 != turnsWaited.1 { return turnsWaited.0 > turnsWaited.1 }
        let edges = (abs(a.progress - 0.5), abs(b.progress - 0.5))
        if edges.0 != edges.1 { return edges.0 > edges.1 }
        return (a.tieBreak, a.peer) < (b.tieBreak, b.peer)
    }

    private func isInTurn(_ candidate: ChokeCandidate, _ now: Instant) -> Bool {
        guard candidate.isUnchoked, let since = candidate.unchokedAt else { return false }
        guard !candidate.isCrowded else { return now - since < Self.crowdedTurn }
        if now - since < Self.turn { return true }
        return candidate.bytesSinceUnchoke < Self.turnByteCount && now - since < Self.turn * Self.longestTurns
    }

    /// Returns the number of whole rounds since the candidate's address last held a slot: `Int64.max` if it never did,
    /// and -1 if it does. Rounds rather than turns: addresses take turns exactly, however many of their peers wait.
    private func roundsSinceGroupHeld(_ candidate: ChokeCandidate, _ now: Instant) -> Int64 {
        guard let since = candidate.groupHeldAt else { return .max }
        return since == now ? -1 : (now - since).nanoseconds / Choker.roundInterval.nanoseconds
    }

    /// Returns the number of whole turns that the candidate has waited: since it connected, or was last unchoked.
    private func turnsWaited(_ candidate: ChokeCandidate, _ now: Instant) -> Int64 {
        // A peer whose turn has just ended comes after all that wait.
        guard !candidate.isUnchoked else { return -1 }
        return (now - (candidate.unchokedAt ?? candidate.connectedAt)).nanoseconds / Self.turn.nanoseconds
    }
}
