// SPDX-License-Identifier: Apache-2.0

public import NIOCore
internal import NIOPosix
internal import Synchronization

/// Threads for work that blocks or takes long: disk and hashing. No event loop ever waits.
///
/// Owner: `TransportRuntime`. The queue is bounded: who submits too much gets `.limit` and must slow down.
public final class BlockingPool: Sendable {
    /// How many threads there are.
    public let threadCount: Int

    private let threads: NIOThreadPool
    private let limit: Int
    private let pending = Atomic<Int>(0)

    init(threadCount: Int, limit: Int) {
        self.threadCount = threadCount
        self.limit = limit
        threads = NIOThreadPool(numberOfThreads: threadCount)
        threads.start()
    }

    /// Jobs submitted and not yet finished.
    public var pendingJobs: Int { pending.load(ordering: .relaxed) }

    /// Runs `job` on a thread of the pool and completes with its result on `loop`.
    ///
    /// Fails with what `job` throws, with `.limit` where `TransportLimits.blockingJobs` wait already, or with
    /// `.stopped` after shutdown.
    public func submit<Output: Sendable>(
        completingOn loop: any EventLoop,
        _ job: @escaping @Sendable () throws -> Output
    ) -> EventLoopFuture<Output> {
        let promise = loop.makePromise(of: Output.self)
        let isAccepted = run { isActive in
            guard isActive else {
                return promise.fail(TransportError(.stopped, "run a blocking job"))
            }
            promise.completeWith(Result { try job() })
        }
        if !isAccepted {
            promise.fail(TransportError(.limit, "run a blocking job, since \(limit) wait"))
        }
        return promise.futureResult
    }

    /// Runs `job` on a thread of the pool, with nobody to tell. Its argument is false where the pool is stopping and
    /// the job should only tidy up. False, and the job is dropped, where `TransportLimits.blockingJobs` wait already.
    @discardableResult
    public func run(_ job: @escaping @Sendable (_ isActive: Bool) -> Void) -> Bool {
        guard pending.wrappingAdd(1, ordering: .relaxed).newValue <= limit else {
            pending.wrappingSubtract(1, ordering: .relaxed)
            return false
        }
        threads.submit { [self] state in
            job(state == .active)
            pending.wrappingSubtract(1, ordering: .relaxed)
        }
        return true
    }

    func shutdown() async {
        try? await threads.shutdownGracefully()
    }
}
