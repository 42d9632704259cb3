// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Rounds by the policies of a torrent. The engine's own are called directly, so that the compiler specialises them.
extension Choker {
    /// The reason for deciding which peers may download.
    package enum Occasion: Hashable, Sendable {
        /// A round: all slots are assigned anew.
        case round
        /// A slot has become free or a peer has become interested, between two rounds.
        case vacancy
    }

    /// Appends which of the connected peers to unchoke and to choke, by the policy for this half of the torrent's life.
    package mutating func handle(
        _ occasion: Occasion,
        _ candidates: [UnchokeCandidate],
        isSeed: Bool,
        at now: Instant,
        using random: inout some RandomNumberGenerator,
        into decisions: inout ChokeDecisions
    ) {
        if let own = isSeed ? policies.seeding : policies.downloading {
            handle(occasion, candidates, policy: own, at: now, using: &random, into: &decisions)
        } else if isSeed {
            handle(occasion, candidates, policy: SeedingPolicy(), at: now, using: &random, into: &decisions)
        } else {
            handle(occasion, candidates, policy: TitForTatPolicy(), at: now, using: &random, into: &decisions)
        }
    }
}
