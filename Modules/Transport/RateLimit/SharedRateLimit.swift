// SPDX-License-Identifier: Apache-2.0

public import RucheWire
internal import Synchronization

/// A byte rate that several loops keep together, such as a session's upload limit.
///
/// Owner: the session; each torrent draws from it through a `RateLimiter`, which leases more than it needs at once so
/// that the lock is rarely touched. Without a limit it costs one relaxed load.
public final class SharedRateLimit: Sendable {
    /// Leases are this small a part of a second's bytes, so that no loop hoards what others wait for.
    private static let leasesPerSecond = 32
    /// The longest lease: more would not make the lock any cheaper.
    private static let maximumLeaseBytes = 64 * 1024
    /// The budget holds this part of a second's bytes, and at least `minimumBurstBytes`.
    private static let burstsPerSecond = 8
    /// A block and its header must fit in however slow a limit, or nothing would ever be sent whole.
    static let minimumBurstBytes = 2 * Block.byteCount

    private struct State {
        var bucket: TokenBucket
        var leaseBytes: Int
    }

    private let state = Mutex<State?>(nil)
    private let hasLimit = Atomic<Bool>(false)
    /// Counts changes of the limit, so that leases of an older one are void.
    private let version = Atomic<UInt32>(0)

    /// No limit, unless one is given.
    public init(rateBytesPerSecond: Int? = nil, at now: Instant) {
        setRate(rateBytesPerSecond, at: now)
    }

    /// Whether there is a limit.
    public var isLimited: Bool { hasLimit.load(ordering: .relaxed) }

    /// Another limit, or none.
    public func setRate(_ rateBytesPerSecond: Int?, at now: Instant) {
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

    /// What a bucket of that rate holds when full.
    static func burstBytes(_ rateBytesPerSecond: Int) -> Int {
        max(minimumBurstBytes, rateBytesPerSecond / burstsPerSecond)
    }

    var currentVersion: UInt32 { version.load(ordering: .relaxed) }

    /// Takes `wanted` bytes or a whole lease, whichever is more; less, perhaps nothing, where the budget is low.
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
