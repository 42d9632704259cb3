// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Keeps upload slots: regular ones by policy, and optimistic ones by turns.
package struct Choker: Sendable {
    /// Time between rounds.
    package static let roundInterval = Interval.seconds(Int64(10))
    /// With `slots` upload slots at a time.
    package init(slots: UploadSlots = .automatic) {}
    /// How many may download at a time.
    package var slots: UploadSlots {
        get { .automatic }
        set {}
    }
    /// One round: appends whom to unchoke and whom to choke. Also to be called when an unchoked peer leaves.
    package mutating func handleRound(
        _ candidates: [ChokeCandidate],
        policy: some UnchokePolicy,
        at now: Instant,
        using random: inout some RandomNumberGenerator,
        into decisions: inout ChokeDecisions
    ) {}
    /// Forgets a peer.
    package mutating func handlePeerLeft(_ peer: PeerSlot) {}
    /// Whether `peer` holds an optimistic slot.
    package func isOptimistic(_ peer: PeerSlot) -> Bool { false }
}

/// How many peers may download at a time.
package enum UploadSlots: Hashable, Sendable {
    /// So many.
    case fixed(Int)
    /// Grows while more slots bring more upload.
    case automatic
}
