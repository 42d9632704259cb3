// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// How often each address (IPv6: /64) is dialled of which only peers have told: they may name a victim's ports, to have it
/// dialled by whole swarms.
///
/// A few dials are made at once. Beyond these each endpoint gets a turn, and the turns of an address are `interval` apart,
/// so that an endpoint is put off once, however many there are. Owner: `PeerList`. Bounded by it: addresses without dials
/// under way or turns to come are forgotten.
struct DialPace: Sendable {
    let limits: PeerListLimits
    let work: WorkMeter
    private var shares: [AddressGroup: Share] = [:]
    /// When as many addresses are here, those that are done are forgotten.
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

    /// Addresses that are remembered.
    var count: Int { shares.count }

    /// The next turn of an endpoint at `group`, which it has from now on; not after `now` if it may be dialled at once.
    mutating func nextTurn(_ group: AddressGroup, at now: Instant) -> Instant {
        sweep(at: now)
        let burst = Int64(max(1, limits.hearsayDialsAtOnce) - 1)
        let earliest = now + limits.hearsayDialInterval * -burst
        let turn = max(shares[group]?.nextTurn ?? earliest, earliest)
        // More turns than the list has endpoints are the traces of some that are gone.
        let last = now + limits.hearsayDialInterval * Int64(limits.endpointCount)
        shares[group, default: Share(nextTurn: turn)].nextTurn = min(turn + limits.hearsayDialInterval, last)
        return turn
    }

    /// Whether as many dials to `group` are under way as may be.
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
