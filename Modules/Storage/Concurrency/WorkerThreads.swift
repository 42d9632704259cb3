// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Synchronization

/// Threads for long blocking work, hashing a whole torrent for instance, so that neither event loops nor the threads of
/// Swift's tasks wait for disks.
enum WorkerThreads {
    /// As many as there are processors in use.
    static var defaultCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    /// Runs `body` on a fresh thread and returns what it returns.
    static func call<R: Sendable>(name: String, _ body: @escaping @Sendable () -> R) async -> R {
        await withCheckedContinuation { continuation in
            start(name: name) { continuation.resume(returning: body()) }
        }
    }

    /// Runs `body` once on each of `count` fresh threads, with the thread's number, and returns when all are done.
    static func run(count: Int, name: String, _ body: @escaping @Sendable (Int) -> Void) async {
        let count = max(1, count)
        let running = RunningCount(count)
        await withCheckedContinuation { continuation in
            for index in 0..<count {
                start(name: name) {
                    body(index)
                    if running.decrement() == 0 { continuation.resume() }
                }
            }
        }
    }

    private static func start(name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.start()
    }
}

/// Threads that have not come to their end.
private final class RunningCount: Sendable {
    private let value: Mutex<Int>

    init(_ count: Int) { value = Mutex(count) }

    func decrement() -> Int {
        value.withLock {
            $0 -= 1
            return $0
        }
    }
}
