// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import Synchronization

/// The places in which scans work. Their number bounds the threads and the memory that all checks of a session take
/// together.
///
/// Each place is a thread of the pool and a buffer. Places are given in turns, first come, first served, and a turn is some
/// megabytes: so a short check does not wait for the end of a long one, and other jobs of the pool come in between.
public final class ScanPlaces: Sendable {
    /// Those of programs without a session: one for each processor.
    public static let shared = ScanPlaces(SystemJobs())

    /// How many there are.
    public let count: Int

    let jobs: any JobPool
    private let state: Mutex<State>

    private struct State {
        var free: Int
        var waiting: Deque<CheckedContinuation<Void, Never>> = []
    }

    /// A place for each thread of `jobs`.
    public init(_ jobs: any JobPool) {
        self.jobs = jobs
        count = max(1, jobs.threadCount)
        state = Mutex(State(free: count))
    }

    /// Runs `turn` in the next place that is free, over and over, until it returns false or the pool has stopped: false then.
    func work(_ turn: @escaping @Sendable () -> Bool) async -> Bool {
        while true {
            await take()
            let isMore = await jobs.call(turn)
            giveBack()
            guard let isMore else { return false }
            if !isMore { return true }
        }
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
