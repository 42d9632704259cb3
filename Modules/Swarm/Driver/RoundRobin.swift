// SPDX-License-Identifier: Apache-2.0

/// Lets a different element come first each time, for what the first one may use up.
struct RoundRobin: Sendable {
    private var turn = 0

    /// Returns the elements in order, from the next one whose turn it is.
    mutating func next<Element>(of elements: [Element]) -> [Element] {
        guard !elements.isEmpty else { return [] }
        turn = (turn + 1) % elements.count
        return Array(elements[turn...] + elements[..<turn])
    }
}
