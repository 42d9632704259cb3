// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Ranks the peers that want to download from us.
///
/// A policy only ranks: the engine assigns the slots, and decides how many there are, how long a turn lasts, and what
/// an address with many connections gets. A policy is pure: it keeps no state, and its answers depend only on its
/// arguments. It is asked once for each interested peer, every ten seconds and whenever a slot is free, on the
/// torrent's loop. `checkUnchokePolicy` in RucheTesting checks this.
///
///     struct Neighbours: UnchokePolicy {
///         func rank(of candidate: UnchokeCandidate, at now: Instant) -> Double? { -candidate.uploadBytesPerSecond }
///         func admits(_ candidate: UnchokeCandidate, at now: Instant) -> Bool { candidate.endpoint.address.isIPv4 }
///     }
public protocol UnchokePolicy: Sendable {
    /// The place of a peer among those that want a slot. The lowest comes first; the engine draws lots among equals.
    associatedtype Rank: Comparable

    /// Whether one slot in five is given at random, in turns of half a minute, so that peers can show what they upload.
    /// True by default.
    var hasOptimisticSlots: Bool { get }

    /// Whether the first peer of each address (IPv6: /64) gets a slot before the second of any. True by default. Set it
    /// to false only if peers earn their slots: an attacker can have any number of connections.
    var sharesSlotsByAddress: Bool { get }

    /// Returns whether `candidate` may download from us at all. True by default. A peer that is not admitted gets no
    /// slot, not even one that no other peer wants. Asked before `UnchokeCandidate.addressHeldAt` and `isCrowded` are
    /// known.
    func admits(_ candidate: UnchokeCandidate, at now: Instant) -> Bool

    /// Returns the rank of `candidate` for a regular slot; nil if it deserves none. A peer without a rank can still get an
    /// optimistic turn, or a slot that is left over.
    func rank(of candidate: UnchokeCandidate, at now: Instant) -> Rank?
}

extension UnchokePolicy {
    /// True: peers get a chance to show what they upload.
    public var hasOptimisticSlots: Bool { true }

    /// True: many connections get no more than one.
    public var sharesSlotsByAddress: Bool { true }

    /// True: all peers may download.
    public func admits(_ candidate: UnchokeCandidate, at now: Instant) -> Bool { true }
}

/// The policies of a torrent: one for downloading, one for seeding.
public struct UnchokePolicies: Sendable {
    /// The policy while pieces are missing; nil for `TitForTatPolicy`.
    public var downloading: (any UnchokePolicy)?
    /// The policy once everything is stored; nil for `SeedingPolicy`.
    public var seeding: (any UnchokePolicy)?

    /// Creates a pair of policies, by default the engine's own.
    public init(downloading: (any UnchokePolicy)? = nil, seeding: (any UnchokePolicy)? = nil) {
        self.downloading = downloading
        self.seeding = seeding
    }
}
