// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Tells worker threads to leave off; raised when the task that waits for them is cancelled.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    /// Whether to leave off.
    var isRaised: Bool { flag.load(ordering: .relaxed) }

    /// Asks all threads that look at this to leave off.
    func raise() { flag.store(true, ordering: .relaxed) }
}
