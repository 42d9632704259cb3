// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// The policy while we download: peers that upload most to us come first (BEP 3). A peer that uploads nothing can only
/// get an optimistic slot.
public struct TitForTatPolicy: UnchokePolicy {
    /// A lower rate counts as nothing, in bytes per second.
    package static let leastRate = 512.0

    /// False: an earned slot is kept, however many peers of its address have earned others.
    public let sharesSlotsByAddress = false

    /// Creates the policy.
    public init() {}

    /// Ranks by the rate at which the peer uploads to us. Among equals, a peer that is unchoked stays so.
    public struct Rank: Comparable, Sendable {
        let bytesPerSecond: Double
        let isUnchoked: Bool

        /// Returns whether `a` uploads more.
        public static func < (a: Self, b: Self) -> Bool {
            if a.bytesPerSecond != b.bytesPerSecond { return a.bytesPerSecond > b.bytesPerSecond }
            return a.isUnchoked && !b.isUnchoked
        }
    }

    /// Returns the rank of a peer that uploads to us.
    public func rank(of candidate: UnchokeCandidate, at now: Instant) -> Rank? {
        guard candidate.downloadBytesPerSecond >= Self.leastRate, !candidate.isSnubbed else { return nil }
        return Rank(bytesPerSecond: candidate.downloadBytesPerSecond, isUnchoked: candidate.isUnchoked)
    }
}
