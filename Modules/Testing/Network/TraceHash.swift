// SPDX-License-Identifier: Apache-2.0

/// A hash of everything that has happened. Two runs that end with the same hash were the same.
///
/// FNV-1a, adapted to 64-bit words.
public struct TraceHash: Hashable, Sendable, CustomStringConvertible {
    /// The hash so far.
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Creates the hash of an empty history.
    public init() {}

    /// Adds a fact to the history.
    public mutating func combine(_ word: some BinaryInteger) {
        value = (value ^ UInt64(truncatingIfNeeded: word)) &* 0x0000_0100_0000_01b3
        value ^= value >> 29
    }

    /// The hash as sixteen hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
