// SPDX-License-Identifier: Apache-2.0

extension RandomAccessCollection {
    /// Returns the first index whose element satisfies `predicate`, by binary search; `endIndex` if there is none.
    ///
    /// All elements that do not satisfy `predicate` must come before those that do. Takes O(log `count`) time.
    @inlinable package func partitioningIndex(where predicate: (Element) -> Bool) -> Index {
        var start = startIndex
        var count = count
        while count > 0 {
            let half = count / 2
            let middle = index(start, offsetBy: half)
            if predicate(self[middle]) {
                count = half
            } else {
                start = index(after: middle)
                count -= half + 1
            }
        }
        return start
    }
}
