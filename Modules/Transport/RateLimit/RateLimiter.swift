// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// One torrent's share of one direction: its own limit, within those of the session.
///
/// Owner: the torrent's loop. What it takes is never more than its own limit and the shared one have let through; with
/// neither set, `take` is a load and a compare. Call `stop` at the end, to give back what was leased and not used.
public struct RateLimiter: Sendable {
    private let shared: SharedRateLimit
    private var own: TokenBucket?
    /// Taken from the shared limit, not yet used.
    private var leased = 0
    private var leasedVersion: UInt32 = 0

    /// Without a limit of its own.
    public init(within shared: SharedRateLimit) {
        self.shared = shared
    }

    /// The torrent's own limit, or none.
    public mutating func setRate(_ rateBytesPerSecond: Int?, at now: Instant) {
        own = rateBytesPerSecond.map { rate in
            .init(rateBytesPerSecond: rate, burstBytes: SharedRateLimit.burstBytes(rate), at: now)
        }
    }

    /// Whether any limit holds.
    @inlinable public var isLimited: Bool { hasOwnLimit || isSharedLimited }

    @usableFromInline var hasOwnLimit: Bool { own != nil }
    @usableFromInline var isSharedLimited: Bool { shared.isLimited }

    /// Up to `wanted` bytes that may pass now, perhaps none.
    @inlinable
    public mutating func take(upTo wanted: Int, at now: Instant) -> Int {
        isLimited ? takeLimited(upTo: wanted, at: now) : wanted
    }

    /// When `wanted` bytes, or a full bucket, may pass: `now`, where they may. Others may be quicker: ask again then.
    public mutating func nextAvailable(_ wanted: Int, at now: Instant) -> Instant {
        let ownMoment = own?.nextAvailable(wanted, at: now) ?? now
        guard shared.isLimited else { return ownMoment }
        forgetVoidLease()
        let missing = wanted - leased
        return missing > 0 ? max(ownMoment, shared.nextAvailable(missing, at: now)) : ownMoment
    }

    /// Gives back what was leased. The limiter may be used again.
    public mutating func stop() {
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
