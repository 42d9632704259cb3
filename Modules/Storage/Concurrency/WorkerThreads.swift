// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Synchronization

/// Threads for long blocking work, hashing a whole torrent for instance, so that neither event loops nor the threads of
/// Swift's tasks wait for disks.
enum WorkerThreads {
    /// As many as there are processors in use.
    static var defaultCount: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    /// Runs `body` once on each of `count` fresh threads, with the thread's number, and returns when all are done.
    static func run(count: Int, name: String, _ body: @escaping @Sendable (Int) -> Void) async {
        let count = max(1, count)
        let running = RunningCount(count)
        await withCheckedContinuation { continuation in
            for index in 0..<count {
                let thread = Thread {
                    body(index)
                    if running.decrement() == 0 { continuation.resume() }
                }
                thread.name = name
                thread.start()
            }
        }
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
