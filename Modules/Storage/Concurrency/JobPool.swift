// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Threads for blocking or long work, which keep event loops and Swift's cooperative threads from waiting for disks.
package protocol JobPool: Sendable {
    /// The number of jobs that run at once.
    var threadCount: Int { get }

    /// Runs `job` on one of the threads. Its argument is false if the pool is stopping. Returns false and drops the job
    /// if too many are waiting.
    func run(_ job: @escaping @Sendable (_ isActive: Bool) -> Void) -> Bool
}

/// Uses the system's threads, for programs without a session.
struct SystemJobs: JobPool {
    /// The number of active processors.
    let threadCount = max(1, ProcessInfo.processInfo.activeProcessorCount)

    func run(_ job: @escaping @Sendable (_ isActive: Bool) -> Void) -> Bool {
        DispatchQueue.global().async { job(true) }
        return true
    }
}

extension JobPool {
    /// Runs `body` on one of the threads and retries while the pool is full. Returns nil if the pool has stopped.
    func call<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R? {
        while true {
            let answer: Answer<R> = await withCheckedContinuation { continuation in
                let isTaken = run { isActive in
                    continuation.resume(returning: isActive ? .done(body()) : .stopped)
                }
                if !isTaken { continuation.resume(returning: .refused) }
            }
            switch answer {
            case .done(let result): return result
            case .stopped: return nil
            case .refused: try? await Task.sleep(nanoseconds: ScanLimits.refusalNanoseconds)
            }
        }
    }
}

private enum Answer<R: Sendable>: Sendable {
    case done(R)
    case stopped
    case refused
}
