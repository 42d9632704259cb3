// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts calls, from any thread.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    /// Returns 1, 2, 3, …
    @discardableResult
    func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
