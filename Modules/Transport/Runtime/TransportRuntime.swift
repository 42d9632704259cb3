// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import NIOPosix
internal import Synchronization

/// The event loops and blocking threads of one session.
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
    private let group: MultiThreadedEventLoopGroup
    private let turns = Atomic<UInt>(0)

    /// Starts the threads: by default one loop per core, and as many blocking threads, but at least two.
    public init(loopCount: Int? = nil, blockingThreadCount: Int? = nil, limits: TransportLimits = .init()) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, loopCount ?? System.coreCount))
        loops = Array(group.makeIterator())
        blocking = BlockingPool(
            threadCount: max(1, blockingThreadCount ?? max(2, System.coreCount)),
            limit: limits.blockingJobs
        )
        self.limits = limits
        places = ConnectionPlaces(limits: limits)
    }

    /// Returns a loop for the next swarm, round robin.
    package func nextLoop() -> any EventLoop {
        loops[Int(turns.wrappingAdd(1, ordering: .relaxed).oldValue % UInt(loops.count))]
    }

    /// Starts a task.
    package func spawn(_ body: @escaping @Sendable () async -> Void) {
        Task { await body() }
    }

    /// Stops every thread. What is queued on a loop is dropped, and blocking jobs are told that the pool is stopping.
    public func shutdown() async {
        await blocking.shutdown()
        try? await group.shutdownGracefully()
    }
}
