// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Threads for work that blocks or takes long, so that neither event loops nor the threads of Swift's tasks wait for disks.
public protocol JobPool: Sendable {
    /// Jobs that it runs at once.
    var threadCount: Int { get }

    /// Runs `job` on one of the threads; its argument is false where the pool is stopping. False, and the job is dropped,
    /// where too many wait already.
    func run(_ job: @escaping @Sendable (_ isActive: Bool) -> Void) -> Bool
}

/// The system's own threads, for programs without a session.
struct SystemJobs: JobPool {
    /// As many as there are processors in use.
    let threadCount = max(1, ProcessInfo.processInfo.activeProcessorCount)

    func run(_ job: @escaping @Sendable (_ isActive: Bool) -> Void) -> Bool {
        DispatchQueue.global().async { job(true) }
        return true
    }
}

extension JobPool {
    /// Runs `body` on one of the threads, as soon as the pool takes it; nil where the pool has stopped.
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
