// SPDX-License-Identifier: Apache-2.0

/// Sorted ranges of numbers that do not touch each other. Lookups are binary searches.
struct DisjointRanges<Bound: FixedWidthInteger & Sendable>: Sendable, Equatable {
    /// The first number of each range, ascending.
    private var lows: [Bound] = []
    /// The last number of each range, ascending.
    private var highs: [Bound] = []

    /// Sorts `ranges` and merges those that overlap or follow each other. O(n log n).
    init(_ ranges: [ClosedRange<Bound>] = []) {
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = highs.last, range.lowerBound <= last || range.lowerBound - 1 == last {
                highs[highs.count - 1] = max(last, range.upperBound)
            } else {
                lows.append(range.lowerBound)
                highs.append(range.upperBound)
            }
        }
    }

    var count: Int { lows.count }

    /// Returns whether a range contains `number`. O(log n).
    func contains(_ number: Bound) -> Bool {
        let next = lows.partitioningIndex { $0 > number }
        return next > 0 && highs[next - 1] >= number
    }
}
