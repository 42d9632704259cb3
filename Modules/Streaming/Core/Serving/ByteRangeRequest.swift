// SPDX-License-Identifier: Apache-2.0

/// What a `Range` header field requests of a file (RFC 9110, section 14).
package enum ByteRangeRequest: Hashable, Sendable {
    /// The header is absent, invalid, of another unit, or names several ranges: the whole file is the answer.
    case whole
    /// These bytes, which are within the file and at least one.
    case part(Range<Int>)
    /// No byte of the file is in the range.
    case unsatisfiable

    /// Parses the header's lines for a file of `byteCount` bytes. Never fails: a server may ignore any range.
    package init(_ lines: [String], byteCount: Int) {
        guard lines.count == 1, let spec = Self.onlySpec(in: lines[0]) else {
            self = .whole
            return
        }
        self = Self.resolve(spec, byteCount)
    }

    /// Bytes of a header line that are looked at; a single range has at most 45 of them, without leading zeros.
    private static let lineByteCount = 256

    /// Returns the range after `bytes=`, if there is exactly one. Commas without a range are allowed (section 5.6.1).
    private static func onlySpec(in line: String) -> ArraySlice<UInt8>? {
        guard line.utf8.count <= lineByteCount else { return nil }
        let bytes = Array(line.utf8)
        guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")),
            String(decoding: bytes[..<equals], as: UTF8.self).lowercased() == "bytes"
        else { return nil }
        let specs = bytes[(equals + 1)...].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map(trimmed).filter { !$0.isEmpty }
        return specs.count == 1 ? specs[0] : nil
    }

    private static func resolve(_ spec: ArraySlice<UInt8>, _ byteCount: Int) -> Self {
        let ends = spec.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard ends.count == 2, isDigits(ends[0]), isDigits(ends[1]) else { return .whole }
        if ends[0].isEmpty {
            guard !ends[1].isEmpty else { return .whole }
            return suffix(number(ends[1]), byteCount)
        }
        let first = number(ends[0])
        let last = ends[1].isEmpty ? Int.max : number(ends[1])
        guard first <= last else { return .whole }
        guard first < byteCount else { return .unsatisfiable }
        return .part(first..<min(last, byteCount - 1) + 1)
    }

    /// The last `count` bytes. An empty file has no part that could be named, so it is the answer as a whole.
    private static func suffix(_ count: Int, _ byteCount: Int) -> Self {
        guard count > 0 else { return .unsatisfiable }
        return byteCount == 0 ? .whole : .part(max(0, byteCount - count)..<byteCount)
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let start = bytes.drop(while: isBlank)
        return start.prefix(start.count - start.reversed().prefix(while: isBlank).count)
    }

    private static func isDigits(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Numbers that do not fit count as the largest one: every file ends before it.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int {
        Int(String(decoding: digits, as: UTF8.self)) ?? .max
    }
}
