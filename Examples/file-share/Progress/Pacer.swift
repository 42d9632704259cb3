// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Limits how often something happens.
final class Pacer: Sendable {
    private let pause: Duration
    private let next: Mutex<ContinuousClock.Instant>

    /// The first time is due after one pause, so short work is not reported.
    init(seconds: Double) {
        pause = .seconds(seconds)
        next = Mutex(.now + pause)
    }

    /// Returns whether it may happen now, and starts the next pause if so.
    func isDue() -> Bool {
        next.withLock { next in
            let now = ContinuousClock.now
            guard now >= next else { return false }
            next = now + pause
            return true
        }
    }
}

/// Lets something happen once.
final class Once: Sendable {
    private let isDone = Mutex(false)

    /// Returns true the first time it is called.
    func isFirst() -> Bool {
        isDone.withLock { isDone in
            defer { isDone = true }
            return !isDone
        }
    }
}
