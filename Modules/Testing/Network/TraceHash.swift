// SPDX-License-Identifier: Apache-2.0

/// A number that stands for all that has happened so far: two runs that end with the same one were the same.
///
/// FNV-1a over 64-bit words.
public struct TraceHash: Hashable, Sendable, CustomStringConvertible {
    /// The number.
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Nothing has happened.
    public init() {}

    /// Adds a fact.
    public mutating func combine(_ word: some BinaryInteger) {
        value = (value ^ UInt64(truncatingIfNeeded: word)) &* 0x0000_0100_0000_01b3
        value ^= value >> 29
    }

    /// Sixteen hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
