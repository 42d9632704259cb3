// SPDX-License-Identifier: Apache-2.0

/// The `so` parameter of BEP 53: file indices and ranges of them, separated by commas.
enum FileSelection {
    /// Returns disjoint ranges in ascending order. Parts that are malformed, or name a file beyond the limit, are
    /// ignored; nil if nothing is left, or there are too many.
    static func parse(_ text: String, limits: WireLimits) -> [ClosedRange<Int>]? {
        var ranges: [ClosedRange<Int>] = []
        for part in text.utf8.split(separator: UInt8(ascii: ",")) {
            guard let range = parseRange(part), range.upperBound < limits.metainfoFileCount else { continue }
            guard ranges.count < limits.magnetSelectionCount else { return nil }
            ranges.append(range)
        }
        return ranges.isEmpty ? nil : joined(ranges)
    }

    private static func parseRange(_ part: Substring.UTF8View) -> ClosedRange<Int>? {
        let ends = part.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard ends.count <= 2, let first = ends.first, let last = ends.last,
            let lower = DecimalNumber.parse(first, maxDigits: 9), let upper = DecimalNumber.parse(last, maxDigits: 9),
            lower <= upper
        else { return nil }
        return lower...upper
    }

    private static func joined(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        var joined: [ClosedRange<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = joined.last, range.lowerBound <= last.upperBound + 1 {
                joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        return joined
    }
}
