// SPDX-License-Identifier: Apache-2.0

/// How much a piece is wanted. The picker exhausts one priority before it looks at the next.
package enum PiecePriority: UInt8, Comparable, CaseIterable, Sendable {
    /// Not wanted.
    case skip
    /// Wanted once nothing else is left.
    case low
    /// The default.
    case normal
    /// Wanted before all others.
    case high

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// The order in which pieces of the same priority are opened.
package enum PickMode: Hashable, Sendable {
    /// Pieces that the fewest peers have come first. Best for the swarm.
    case rarestFirst
    /// The lowest index comes first, for a reader that plays from beginning to end.
    case inOrder
}
