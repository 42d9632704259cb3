// SPDX-License-Identifier: Apache-2.0

/// Writes numbers in little-endian order.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }
}

/// Reads numbers in little-endian order; nil at the end.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func next(count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func next<I: FixedWidthInteger>(_ type: I.Type) -> I? {
        guard let bytes = next(count: MemoryLayout<I>.size) else { return nil }
        return bytes.reversed().reduce(0 as I) { $0 << 8 | I(truncatingIfNeeded: $1) }
    }
}
