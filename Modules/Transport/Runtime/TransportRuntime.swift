// SPDX-License-Identifier: Apache-2.0

public import NIOCore
package import RucheCrypto
package import RucheWire
internal import Synchronization

/// The event loops and blocking threads of one session, and the limits that all of its sockets share.
///
/// Owner: the session, which calls `shutdown()` last, after closing its listeners, dialers and sockets.
public final class TransportRuntime: Sendable {
    /// All event loops. A swarm stays on one loop for life, with all of its connections.
    public let loops: [any EventLoop]
    /// Threads for disk access and hashing.
    package let blocking: BlockingPool
    /// The limits of all parts of this runtime.
    package let limits: TransportLimits
    /// The number of connections that are open or being opened, over all listeners and dialers.
    package var connectionCount: Int { places.count }

    /// The places for this runtime's connections.
    let places: ConnectionPlaces
    private let base: any Runtime
    private let turns = Atomic<UInt>(0)

    /// Takes the loops and threads of `base`, and shuts it down in the end.
    package init(on base: any Runtime, limits: TransportLimits = .init()) {
        self.base = base
        loops = base.loops
        blocking = BlockingPool(on: base.threads, limit: limits.blockingJobs)
        self.limits = limits
        places = ConnectionPlaces(limits: limits, clock: base.loops[0])
    }

    /// Starts the system's threads: by default one loop per core, and as many blocking threads, but at least two.
    public convenience init(loopCount: Int? = nil, blockingThreadCount: Int? = nil, limits: TransportLimits = .init()) {
        self.init(on: NIORuntime(loopCount: loopCount, threadCount: blockingThreadCount), limits: limits)
    }

    /// The time by the loops' clock. May be read on any thread.
    package var now: Instant { Instant(loops[0].now) }

    /// Returns a loop for the next swarm, round robin.
    package func nextLoop() -> any EventLoop {
        loops[Int(turns.wrappingAdd(1, ordering: .relaxed).oldValue % UInt(loops.count))]
    }

    /// Starts a task.
    package func spawn(_ body: @escaping @Sendable () async -> Void) {
        Task { await body() }
    }

    /// Makes a generator for choices that a replay must repeat, another each time.
    package func makeRandom() -> SeededRandom { base.makeRandom() }

    /// Makes a generator for secrets, and for what others must not guess.
    package func makeSecrets() -> any RandomNumberGenerator & Sendable { base.makeSecrets() }

    /// Stops every thread. What is queued on a loop is dropped, and blocking jobs are told that the pool is stopping.
    public func shutdown() async { await base.shutdown() }
}
