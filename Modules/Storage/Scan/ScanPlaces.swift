// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheWire

/// The places where scans run. Their number bounds the threads and memory of all checks in a session.
///
/// Each place is a thread of the pool and a buffer. Scans take places in turn, first come, first served. A turn covers
/// some megabytes, so a short check does not wait for a long one to end, and other jobs of the pool run in between.
package final class ScanPlaces: Sendable {
    /// The places for programs without a session: one for each processor.
    package static let shared = ScanPlaces(SystemJobs())

    /// The number of places.
    package let count: Int

    let jobs: any JobPool
    private let state: Locked<State>

    private struct State {
        var free: Int
        var waiting: Deque<CheckedContinuation<Void, Never>> = []
    }

    /// Creates a place for each thread of `jobs`.
    package init(_ jobs: any JobPool) {
        self.jobs = jobs
        count = max(1, jobs.threadCount)
        state = Locked(State(free: count))
    }

    /// Runs `turn` in the next free place, repeatedly, until it returns false. Returns false if the pool has stopped.
    func work(_ turn: @escaping @Sendable () -> Bool) async -> Bool {
        while true {
            await take()
            let isMore = await jobs.call(turn)
            giveBack()
            guard let isMore else { return false }
            if !isMore { return true }
        }
    }

    /// Runs `turn` in up to `threadCount` places at once, in each until it returns false.
    ///
    /// - Throws: `CancellationError` when the task is cancelled, the pool stops or `stop` is raised.
    func run(
        _ threadCount: Int,
        stop: StopFlag,
        _ turn: @escaping @Sendable () -> Bool
    ) async throws(CancellationError) {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<threadCount {
                    group.addTask {
                        let isDone = await self.work(turn)
                        if !isDone { stop.raise() }
                    }
                }
            }
        } onCancel: {
            stop.raise()
        }
        if stop.isRaised { throw CancellationError() }
    }

    private func take() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    private func giveBack() {
        let next = state.withLock { state in
            let next = state.waiting.popFirst()
            if next == nil { state.free += 1 }
            return next
        }
        next?.resume()
    }
}
