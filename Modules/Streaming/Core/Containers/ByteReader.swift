// SPDX-License-Identifier: Apache-2.0

/// Reads big-endian numbers from bytes that may end anywhere.
struct ByteReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// Returns the next `count` bytes; nil if fewer are left.
    mutating func nextBytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// Returns a number of up to eight bytes; nil if fewer are left.
    mutating func nextInteger(byteCount: Int) -> UInt64? {
        guard byteCount <= 8 else { return nil }
        return nextBytes(byteCount)?.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
