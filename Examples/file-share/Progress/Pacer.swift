// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets something happen only every so often.
final class Pacer: Sendable {
    private let pause: Duration
    private let next: Mutex<ContinuousClock.Instant>

    /// The first time is after one pause: what is over by then needs no telling.
    init(seconds: Double) {
        pause = .seconds(seconds)
        next = Mutex(.now + pause)
    }

    /// Whether it may happen now; then not again for a while.
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

    /// Whether this is the first time that it is asked.
    func isFirst() -> Bool {
        isDone.withLock { isDone in
            defer { isDone = true }
            return !isDone
        }
    }
}
