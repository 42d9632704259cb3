// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Asks worker threads to stop; raised when the task that waits for them is cancelled.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    /// Whether the threads should stop.
    var isRaised: Bool { flag.load(ordering: .relaxed) }

    /// Asks all threads that share this flag to stop.
    func raise() { flag.store(true, ordering: .relaxed) }
}
