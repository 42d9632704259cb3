// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import NIOPosix
internal import Synchronization

/// The event loops and the blocking threads that everything of one session runs on.
///
/// Owner: the session, which calls `shutdown()` last, when its listeners, dialers and sockets are closed.
public final class TransportRuntime: Sendable {
    /// Every loop. A swarm takes one for life, and all of its connections with it.
    public let loops: [any EventLoop]
    /// Threads for disk and hashing.
    public let blocking: BlockingPool
    /// The named limits that all of this runtime's parts keep.
    public let limits: TransportLimits
    /// Connections that are open or being opened, over all listeners and dialers.
    public var connectionCount: Int { places.count }

    /// The places for its connections.
    let places: ConnectionPlaces
    private let group: MultiThreadedEventLoopGroup
    private let turns = Atomic<UInt>(0)

    /// Starts the threads: by default one loop for each core, and as many blocking threads, but at least two.
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

    /// A loop for the next swarm, round robin.
    public func nextLoop() -> any EventLoop {
        loops[Int(turns.wrappingAdd(1, ordering: .relaxed).oldValue % UInt(loops.count))]
    }

    /// Stops every thread; what is still queued on a loop is dropped, and blocking jobs are told that they are stopped.
    public func shutdown() async {
        await blocking.shutdown()
        try? await group.shutdownGracefully()
    }
}
