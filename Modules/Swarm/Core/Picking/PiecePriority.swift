// SPDX-License-Identifier: Apache-2.0

/// How much a piece is wanted. The picker empties a band before it looks at the next.
package enum PiecePriority: UInt8, Comparable, CaseIterable, Sendable {
    /// Not at all.
    case skip
    /// When nothing else is left.
    case low
    /// As usual.
    case normal
    /// Before the others.
    case high

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// In which order the pieces of one priority are begun.
package enum PickMode: Hashable, Sendable {
    /// Those that the fewest peers have (best for the swarm).
    case rarestFirst
    /// Lowest index first (for a reader that goes from the beginning to the end).
    case inOrder
}
