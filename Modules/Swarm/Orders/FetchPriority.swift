// SPDX-License-Identifier: Apache-2.0

/// The priority of a file or a piece. All of one priority is requested before any of a lower one.
public enum FetchPriority: UInt8, Hashable, Comparable, CaseIterable, Sendable {
    /// Not wanted.
    case skip
    /// Wanted once nothing else is left.
    case low
    /// The default.
    case normal
    /// Wanted before all others.
    case high

    /// Returns whether `a` is wanted less than `b`.
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}
