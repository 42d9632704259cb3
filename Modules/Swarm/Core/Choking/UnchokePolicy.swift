// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Who may download from us: one pure comparison.
package protocol UnchokePolicy: Sendable {
    /// Whether some slots are given by chance, beside those by merit.
    var hasOptimisticSlots: Bool { get }
    /// Whether an interested `candidate` may hold a regular slot at all; if not, it can only be unchoked optimistically.
    func deservesSlot(_ candidate: ChokeCandidate, at now: Instant) -> Bool
    /// Whether `a` gets a slot before `b`. A strict weak order.
    func precedes(_ a: ChokeCandidate, _ b: ChokeCandidate, at now: Instant) -> Bool
}

/// While we download: those who give us most get most (BEP 3). Who gives nothing has optimistic slots only.
package struct TitForTatPolicy: UnchokePolicy {
    /// Less than this is nothing; bytes per second.
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

/// While we seed: turns. A turn is a minute and some pieces long; then those come who waited longest, and among equals
/// those who just began or are almost done: they are the likeliest to pass on what they get, where the fastest may
/// never give anything.
package struct SeedingPolicy: UnchokePolicy {
    /// Least length of a turn.
    package static let turn = Interval.seconds(60)
    /// Least that a turn brings; bytes.
    package static let turnByteCount = 4 << 20
    /// A turn that brings less ends after this many times its length.
    package static let longestTurns = 5 as Int64

    /// Everyone has a turn anyway, newcomers first; a turn by chance would only send its peer to the end of the line.
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

    /// Whole turns since it was last given one. `Int64.max` for who never was.
    private func turnsSinceUnchoke(_ candidate: ChokeCandidate, _ now: Instant) -> Int64 {
        guard let since = candidate.unchokedAt else { return .max }
        // Whoever had its turn just now stands behind all who wait.
        return candidate.isUnchoked ? -1 : (now - since).nanoseconds / Self.turn.nanoseconds
    }
}
