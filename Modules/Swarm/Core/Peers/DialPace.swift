// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Limits dials to each address (IPv6: /64) that only peers have named: they may name a victim's ports, to have it
/// dialled by whole swarms.
///
/// A few dials are made at once. After these each endpoint gets a turn, and the turns of an address are `interval`
/// apart, so that an endpoint is deferred only once, however many there are. Owner: `PeerList`, which also limits the
/// memory: addresses without running dials or future turns are forgotten.
struct DialPace: Sendable {
    let limits: PeerListLimits
    let work: WorkMeter
    private var shares: [AddressGroup: Share] = [:]
    /// The number of addresses at which finished ones are forgotten.
    private var sweepAt = Self.leastSweep

    private static let leastSweep = 64

    private struct Share {
        /// The turn after the last one given.
        var nextTurn: Instant
        var dialling = 0
    }

    init(limits: PeerListLimits, work: WorkMeter) {
        self.limits = limits
        self.work = work
    }

    /// The number of remembered addresses.
    var count: Int { shares.count }

    /// Gives an endpoint at `group` the next turn and returns it; not after `now` if it may be dialled at once.
    mutating func nextTurn(_ group: AddressGroup, at now: Instant) -> Instant {
        sweep(at: now)
        let burst = Int64(max(1, limits.hearsayDialsAtOnce) - 1)
        let earliest = now + limits.hearsayDialInterval * -burst
        let turn = max(shares[group]?.nextTurn ?? earliest, earliest)
        // Turns beyond the number of endpoints in the list belong to some that have been removed.
        let last = now + limits.hearsayDialInterval * Int64(limits.endpointCount)
        shares[group, default: Share(nextTurn: turn)].nextTurn = min(turn + limits.hearsayDialInterval, last)
        return turn
    }

    /// Returns whether the maximum number of dials to `group` is running.
    func isFull(_ group: AddressGroup) -> Bool { (shares[group]?.dialling ?? 0) >= limits.hearsayDialsAtOnce }

    mutating func handleBegun(_ group: AddressGroup, at now: Instant) {
        shares[group, default: Share(nextTurn: now)].dialling += 1
    }

    mutating func handleEnded(_ group: AddressGroup) {
        guard let dialling = shares[group]?.dialling else { return }
        shares[group]?.dialling = max(0, dialling - 1)
    }

    private mutating func sweep(at now: Instant) {
        guard shares.count >= sweepAt else { return }
        work.add(shares.count)
        shares = shares.filter { $1.dialling > 0 || $1.nextTurn > now }
        sweepAt = max(Self.leastSweep, 2 * shares.count)
    }
}
