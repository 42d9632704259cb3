// SPDX-License-Identifier: Apache-2.0

/// The bytes of a file that an HTTP response carries (RFC 9110, section 14.4).
package struct ContentRange: Hashable, Sendable {
    /// The offsets of the first and the last byte.
    package let bytes: ClosedRange<Int>
    /// The size of the whole file in bytes; nil if the server does not say.
    package let total: Int?

    /// Parses `bytes FIRST-LAST/TOTAL`, where TOTAL may be `*`. Returns nil if the text has another form or the numbers
    /// contradict each other.
    package init?(_ text: String) {
        // Room for three numbers of twenty digits and the word.
        guard text.utf8.count <= 80 else { return nil }
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, halves[0].prefix(6).lowercased() == "bytes " else { return nil }
        let ends = halves[0].dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last else {
            return nil
        }
        bytes = first...last
        guard halves[1] != "*" else {
            total = nil
            return
        }
        guard let total = Self.number(halves[1]), total > last else { return nil }
        self.total = total
    }

    private static func number(_ digits: Substring) -> Int? {
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(digits)
    }
}
