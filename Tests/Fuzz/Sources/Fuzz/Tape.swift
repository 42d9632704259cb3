// SPDX-License-Identifier: Apache-2.0

/// An input read as a sequence of decisions. Yields zeros after its end.
struct Tape {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func nextByte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func nextUInt16() -> UInt16 { UInt16(nextByte()) << 8 | UInt16(nextByte()) }

    mutating func nextUInt32() -> UInt32 { UInt32(nextUInt16()) << 16 | UInt32(nextUInt16()) }

    mutating func nextBytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func nextRest() -> [UInt8] { nextBytes(rest.count) }
}
