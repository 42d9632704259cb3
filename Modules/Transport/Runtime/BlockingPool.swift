// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
package import NIOCore
internal import RucheWire
internal import Synchronization

/// Threads for blocking or long work: disk access and hashing. Event loops never wait.
///
/// Owner: `TransportRuntime`. The queue is limited. When it is full, work of the data path is refused with `.limit`,
/// which means "not now"; `perform`, for which a task waits, waits for room.
package final class BlockingPool: Sendable {
    /// The number of threads.
    package let threadCount: Int

    private let threads: any JobThreads
    private let limit: Int
    private let pending = Atomic<Int>(0)
    /// Tasks that wait for room.
    private let waiting = Locked<Deque<CheckedContinuation<Void, Never>>>([])
    private let waitingCount = Atomic<Int>(0)

    init(on threads: any JobThreads, limit: Int) {
        threadCount = threads.count
        self.limit = limit
        self.threads = threads
    }

    /// The number of jobs submitted and not finished.
    package var pendingJobs: Int { pending.load(ordering: .relaxed) }

    /// Runs `job` on a thread of the pool and completes with its result on `loop`.
    ///
    /// Fails with what `job` throws, with `.limit` if `TransportLimits.blockingJobs` jobs are pending, or with
    /// `.stopped` after shutdown.
    package func submit<Output: Sendable>(
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
            promise.fail(TransportError(.limit, "run a blocking job, because \(limit) are waiting"))
        }
        return promise.futureResult
    }

    /// Runs `job` on a thread of the pool, without reporting its end. Its argument is false if the pool is stopping and
    /// the job should only clean up. Returns false and drops the job if `TransportLimits.blockingJobs` jobs are
    /// pending.
    @discardableResult
    package func run(_ job: @escaping @Sendable (_ isActive: Bool) -> Void) -> Bool {
        guard takePlace() else { return false }
        threads.submit { [self] isActive in
            job(isActive)
            pending.wrappingSubtract(1, ordering: .sequentiallyConsistent)
            if waitingCount.load(ordering: .sequentiallyConsistent) > 0 { admitNext() }
        }
        return true
    }

    /// Runs `job` on a thread of the pool as soon as there is room, and returns its result.
    ///
    /// For work that a task waits for anyway, so the number of tasks limits the queue.
    ///
    /// - Throws: What `job` throws; `TransportError.Code.stopped` after shutdown.
    package nonisolated(nonsending) func perform<Output: Sendable>(
        _ job: @escaping @Sendable () throws -> Output
    ) async throws -> Output {
        while true {
            let done: Output? = try await withCheckedThrowingContinuation { continuation in
                let isAccepted = run { isActive in
                    guard isActive else {
                        return continuation.resume(throwing: TransportError(.stopped, "run a blocking job"))
                    }
                    continuation.resume(with: Result { try job() })
                }
                if !isAccepted { continuation.resume(returning: nil) }
            }
            if let done { return done }
            await waitForRoom()
        }
    }

    /// Never exceeds the limit, not even briefly, because tasks that wait for room rely on the count.
    private func takePlace() -> Bool {
        var count = pending.load(ordering: .sequentiallyConsistent)
        while count < limit {
            let (isTaken, found) = pending.compareExchange(
                expected: count,
                desired: count + 1,
                ordering: .sequentiallyConsistent
            )
            if isTaken { return true }
            count = found
        }
        return false
    }

    private nonisolated(nonsending) func waitForRoom() async {
        await withCheckedContinuation { continuation in
            let hasRoom = waiting.withLock { waiting in
                waitingCount.wrappingAdd(1, ordering: .sequentiallyConsistent)
                // If a job has ended since then, no job would wake us.
                guard pending.load(ordering: .sequentiallyConsistent) >= limit else {
                    waitingCount.wrappingSubtract(1, ordering: .sequentiallyConsistent)
                    return true
                }
                waiting.append(continuation)
                return false
            }
            if hasRoom { continuation.resume() }
        }
    }

    private func admitNext() {
        let next = waiting.withLock { waiting in
            let next = waiting.popFirst()
            if next != nil { waitingCount.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
            return next
        }
        next?.resume()
    }
}
