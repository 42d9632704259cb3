// SPDX-License-Identifier: Apache-2.0

package import RucheWire
internal import Synchronization

/// A byte rate that several loops share, such as a session's upload limit.
///
/// Owner: the session. Each torrent draws from it through a `RateLimiter`, which leases more than it needs at once, so
/// the lock is rarely taken. Without a limit it costs one relaxed load.
package final class SharedRateLimit: Sendable {
    /// A lease is at most this fraction of a second's bytes, so no loop hoards what others wait for.
    private static let leasesPerSecond = 32
    /// Maximum size of a lease; more would not reduce the cost of the lock.
    private static let maximumLeaseBytes = 64 * 1024
    /// The budget holds this fraction of a second's bytes, and at least `minimumBurstBytes`.
    private static let burstsPerSecond = 8
    /// A block and its header must fit, however low the limit is; otherwise no block could ever be sent.
    static let minimumBurstBytes = 2 * Block.byteCount

    private struct State {
        var bucket: TokenBucket
        var leaseBytes: Int
    }

    private let state = Locked<State?>(nil)
    private let hasLimit = Atomic<Bool>(false)
    /// Counts changes of the limit, to invalidate leases of an older one.
    private let version = Atomic<UInt32>(0)

    /// By default there is no limit.
    package init(rateBytesPerSecond: Int? = nil, at now: Instant) {
        setRate(rateBytesPerSecond, at: now)
    }

    /// Whether there is a limit.
    package var isLimited: Bool { hasLimit.load(ordering: .relaxed) }

    /// Sets the limit; nil for none.
    package func setRate(_ rateBytesPerSecond: Int?, at now: Instant) {
        state.withLock { state in
            state = rateBytesPerSecond.map { rate in
                State(
                    bucket: .init(rateBytesPerSecond: rate, burstBytes: Self.burstBytes(rate), at: now),
                    leaseBytes: min(Self.maximumLeaseBytes, rate / Self.leasesPerSecond)
                )
            }
            hasLimit.store(state != nil, ordering: .relaxed)
            version.wrappingAdd(1, ordering: .relaxed)
        }
    }

    /// The capacity of a bucket with that rate.
    static func burstBytes(_ rateBytesPerSecond: Int) -> Int {
        max(minimumBurstBytes, rateBytesPerSecond / burstsPerSecond)
    }

    var currentVersion: UInt32 { version.load(ordering: .relaxed) }

    /// Takes `wanted` bytes or a whole lease, whichever is more; less, possibly nothing, if the budget is low.
    func lease(_ wanted: Int, at now: Instant) -> Int {
        state.withLock { state in
            guard let leaseBytes = state?.leaseBytes else { return wanted }
            return state?.bucket.take(upTo: max(wanted, leaseBytes), at: now) ?? wanted
        }
    }

    func giveBack(_ unused: Int) {
        state.withLock { $0?.bucket.giveBack(unused) }
    }

    func nextAvailable(_ wanted: Int, at now: Instant) -> Instant {
        state.withLock { $0?.bucket.nextAvailable(wanted, at: now) } ?? now
    }
}
