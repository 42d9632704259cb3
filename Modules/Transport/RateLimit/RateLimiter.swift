// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// One torrent's share of one direction: its own limit, within the session's.
///
/// Owner: the torrent's loop. It never takes more than its own limit and the shared one allow. Without limits, `take`
/// is a load and a compare. Call `stop` at the end to return what was leased and not used.
package struct RateLimiter: Sendable {
    private let shared: SharedRateLimit
    private var own: TokenBucket?
    /// Bytes leased from the shared limit and not used yet.
    private var leased = 0
    private var leasedVersion: UInt32 = 0

    /// Creates a limiter without a limit of its own.
    package init(within shared: SharedRateLimit) {
        self.shared = shared
    }

    /// Sets the torrent's own limit; nil for none.
    package mutating func setRate(_ rateBytesPerSecond: Int?, at now: Instant) {
        own = rateBytesPerSecond.map { rate in
            .init(rateBytesPerSecond: rate, burstBytes: SharedRateLimit.burstBytes(rate), at: now)
        }
    }

    /// Whether any limit applies.
    @inlinable package var isLimited: Bool { hasOwnLimit || isSharedLimited }

    @usableFromInline var hasOwnLimit: Bool { own != nil }
    @usableFromInline var isSharedLimited: Bool { shared.isLimited }

    /// Takes up to `wanted` bytes that may pass now, possibly none.
    @inlinable
    package mutating func take(upTo wanted: Int, at now: Instant) -> Int {
        isLimited ? takeLimited(upTo: wanted, at: now) : wanted
    }

    /// When `wanted` bytes, or a full bucket, may pass; `now` if they may. Others may take them first, so ask again
    /// then.
    package mutating func nextAvailable(_ wanted: Int, at now: Instant) -> Instant {
        let ownMoment = own?.nextAvailable(wanted, at: now) ?? now
        guard shared.isLimited else { return ownMoment }
        forgetVoidLease()
        let missing = wanted - leased
        return missing > 0 ? max(ownMoment, shared.nextAvailable(missing, at: now)) : ownMoment
    }

    /// Returns what was leased. The limiter can be used again.
    package mutating func stop() {
        forgetVoidLease()
        shared.giveBack(leased)
        leased = 0
    }

    @usableFromInline
    mutating func takeLimited(upTo wanted: Int, at now: Instant) -> Int {
        guard wanted > 0 else { return 0 }
        let allowed = own?.take(upTo: wanted, at: now) ?? wanted
        guard shared.isLimited else { return allowed }
        forgetVoidLease()
        if leased < allowed { leased += shared.lease(allowed - leased, at: now) }
        let taken = min(allowed, leased)
        leased -= taken
        own?.giveBack(allowed - taken)
        return taken
    }

    private mutating func forgetVoidLease() {
        let current = shared.currentVersion
        guard current != leasedVersion else { return }
        leasedVersion = current
        leased = 0
    }
}
