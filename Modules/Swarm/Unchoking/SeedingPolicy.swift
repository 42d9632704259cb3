// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// The policy while we seed: turns.
///
/// A turn lasts at least a minute and some pieces. Addresses that have waited longest come next, and of an address the
/// peer that has: a new connection does not bring a new turn. Among equals, peers that have just begun or are almost
/// done come first, because they are the most likely to pass on what they get. The fastest peers may never upload
/// anything.
public struct SeedingPolicy: UnchokePolicy {
    /// The minimum length of a turn.
    package static let turn = Interval.seconds(60)
    /// The number of bytes after which a turn may end.
    package static let turnByteCount = 4 << 20
    /// A slower turn ends after this many times the minimum length.
    package static let longestTurns = 5 as Int64
    /// The length of a turn of an address with several peers while another address waits, so that all of them together
    /// do not make the others wait for long.
    package static let crowdedTurn = Interval.seconds(20)

    /// False: every peer gets a turn anyway, newcomers first. An optimistic turn would only put its peer at the end of
    /// the queue.
    public let hasOptimisticSlots = false

    /// Creates the policy.
    public init() {}

    /// Ranks by how long the peer and its address have waited.
    public struct Rank: Comparable, Sendable {
        let isInTurn: Bool
        /// Whole rounds since the address last held a slot: `Int64.max` if it never did, and -1 if it does. Rounds
        /// rather than turns: addresses take turns exactly, however many of their peers wait.
        let roundsSinceAddressHeld: Int64
        /// Whole turns that the peer has waited, since it connected or was last unchoked.
        let turnsWaited: Int64
        /// How far the peer's progress is from the middle, at most 0.5.
        let edge: Double

        /// Returns whether `a` comes first.
        public static func < (a: Self, b: Self) -> Bool {
            if a.isInTurn != b.isInTurn { return a.isInTurn }
            if a.roundsSinceAddressHeld != b.roundsSinceAddressHeld {
                return a.roundsSinceAddressHeld > b.roundsSinceAddressHeld
            }
            if a.turnsWaited != b.turnsWaited { return a.turnsWaited > b.turnsWaited }
            return a.edge > b.edge
        }
    }

    /// Returns the rank of any peer: all of them get a turn.
    public func rank(of candidate: UnchokeCandidate, at now: Instant) -> Rank? {
        Rank(
            isInTurn: isInTurn(candidate, now),
            roundsSinceAddressHeld: roundsSinceAddressHeld(candidate, now),
            turnsWaited: turnsWaited(candidate, now),
            edge: abs(candidate.progress - 0.5)
        )
    }

    private func isInTurn(_ candidate: UnchokeCandidate, _ now: Instant) -> Bool {
        guard candidate.isUnchoked, let since = candidate.unchokedAt else { return false }
        guard !candidate.isCrowded else { return now - since < Self.crowdedTurn }
        if now - since < Self.turn { return true }
        return candidate.bytesSinceUnchoke < Self.turnByteCount && now - since < Self.turn * Self.longestTurns
    }

    private func roundsSinceAddressHeld(_ candidate: UnchokeCandidate, _ now: Instant) -> Int64 {
        guard let since = candidate.addressHeldAt else { return .max }
        return since == now ? -1 : (now - since).nanoseconds / Choker.roundInterval.nanoseconds
    }

    private func turnsWaited(_ candidate: UnchokeCandidate, _ now: Instant) -> Int64 {
        // A peer whose turn has just ended comes after all that wait.
        guard !candidate.isUnchoked else { return -1 }
        return (now - (candidate.unchokedAt ?? candidate.connectedAt)).nanoseconds / Self.turn.nanoseconds
    }
}
