// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Decides who may download from us, as one pure comparison.
package protocol UnchokePolicy: Sendable {
    /// Whether some slots are given at random, besides those by merit.
    var hasOptimisticSlots: Bool { get }
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

    package init() {}

    package func deservesSlot(_ candidate: ChokeCandidate, at now: Instant) -> Bool {
        candidate.downloadRate >= Self.leastRate && !candidate.isSnubbed
    }

    package func precedes(_ a: ChokeCandidate, _ b: ChokeCandidate, at now: Instant) -> Bool {
        if a.downloadRate != b.downloadRate { return a.downloadRate > b.downloadRate }
        if a.isUnchoked != b.isUnchoked { return a.isUnchoked }
        return a.peer < b.peer
    }
}

/// The policy while we seed: turns. A turn lasts at least a minute and some pieces. Peers that have waited longest come
/// next; among equals, those that have just begun or are almost done, because they are the most likely to pass on what
/// they get. The fastest peers may never upload anything.
package struct SeedingPolicy: UnchokePolicy {
    /// The minimum length of a turn.
    package static let turn = Interval.seconds(60)
    /// The number of bytes after which a turn may end.
    package static let turnByteCount = 4 << 20
    /// A slower turn ends after this many times the minimum length.
    package static let longestTurns = 5 as Int64

    /// Everyone gets a turn anyway, newcomers first. An optimistic turn would only put its peer at the end of the
    /// queue.
    package let hasOptimisticSlots = false

    package init() {}

    package func deservesSlot(_ candidate: ChokeCandidate, at now: Instant) -> Bool { true }

    package func precedes(_ a: ChokeCandidate, _ b: ChokeCandidate, at now: Instant) -> Bool {
        let inTurn = (isInTurn(a, now), isInTurn(b, now))
        if inTurn.0 != inTurn.1 { return inTurn.0 }
        let turnsWaited = (turnsSinceUnchoke(a, now), turnsSinceUnchoke(b, now))
        if turnsWaited.0 != turnsWaited.1 { return turnsWaited.0 > turnsWaited.1 }
        let edges = (abs(a.progress - 0.5), abs(b.progress - 0.5))
        if edges.0 != edges.1 { return edges.0 > edges.1 }
        return a.peer < b.peer
    }

    private func isInTurn(_ candidate: ChokeCandidate, _ now: Instant) -> Bool {
        guard candidate.isUnchoked, let since = candidate.unchokedAt else { return false }
        if now - since < Self.turn { return true }
        return candidate.bytesSinceUnchoke < Self.turnByteCount && now - since < Self.turn * Self.longestTurns
    }

    /// Returns the number of whole turns since the candidate was last unchoked; `Int64.max` if it never was.
    private func turnsSinceUnchoke(_ candidate: ChokeCandidate, _ now: Instant) -> Int64 {
        guard let since = candidate.unchokedAt else { return .max }
        // A peer whose turn has just ended comes after all that wait.
        return candidate.isUnchoked ? -1 : (now - since).nanoseconds / Self.turn.nanoseconds
    }
}
