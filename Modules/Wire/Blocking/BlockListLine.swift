// SPDX-License-Identifier: Apache-2.0

/// A line of a list of blocked addresses, in any of the formats that `BlockListParser` describes.
enum BlockListLine: Equatable {
    /// The addresses to block.
    case range(AddressRange)
    /// A comment, an empty line, or a range that the list allows.
    case nothing
    /// The line has none of the formats.
    case malformed

    /// From this access level on, the ranges of a DAT file are allowed (eMule).
    private static let firstAllowedLevel = 128

    init(_ line: ArraySlice<UInt8>) {
        let line = line.trimmed
        if line.isEmpty || line.first == UInt8(ascii: "#") || line.first == UInt8(ascii: ";")
            || line.starts(with: "//".utf8)
        {
            self = .nothing
        } else if let parsed = Self.dat(line) {
            self = parsed
        } else if let range = Self.range(line.prefix { $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: ";") }) {
            self = .range(range)
        } else if let colon = line.lastIndex(of: UInt8(ascii: ":")),
            line[colon...].contains(UInt8(ascii: "-")), let range = Self.range(line[(colon + 1)...])
        {
            self = .range(range)
        } else {
            self = .malformed
        }
    }

    /// `001.002.003.000 - 001.002.003.255 , 000 , name`: nil if no range comes before a comma.
    private static func dat(_ line: ArraySlice<UInt8>) -> Self? {
        guard let comma = line.firstIndex(of: UInt8(ascii: ",")), let range = range(line[..<comma]) else { return nil }
        let level = line[(comma + 1)...].prefix { $0 != UInt8(ascii: ",") }.trimmed
        guard let level = number(level) else { return .malformed }
        return level < firstAllowedLevel ? .range(range) : .nothing
    }

    /// `a - b`, `a/prefix` or `a`.
    private static func range(_ text: ArraySlice<UInt8>) -> AddressRange? {
        if let dash = text.firstIndex(of: UInt8(ascii: "-")) {
            guard let first = address(text[..<dash]), let last = address(text[(dash + 1)...]) else { return nil }
            return AddressRange(first: first, last: last)
        }
        if let slash = text.firstIndex(of: UInt8(ascii: "/")) {
            guard let address = address(text[..<slash]), let length = number(text[(slash + 1)...].trimmed) else {
                return nil
            }
            return AddressRange(address, prefixLength: length)
        }
        return address(text).flatMap { AddressRange(first: $0, last: $0) }
    }

    private static func address(_ text: ArraySlice<UInt8>) -> IPAddress? {
        let text = text.trimmed
        return paddedIPv4(text) ?? IPAddress(String(decoding: text, as: UTF8.self))
    }

    /// Dotted decimal. Unlike elsewhere, numbers may have leading zeros: DAT files pad them to three digits.
    private static func paddedIPv4(_ text: ArraySlice<UInt8>) -> IPAddress? {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let number = number(part), number <= 255 else { return nil }
            address = address << 8 | UInt32(number)
        }
        return IPAddress(v4: address)
    }

    /// One to three decimal digits.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...3).contains(digits.count) else { return nil }
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}

extension ArraySlice<UInt8> {
    /// Without the spaces, tabs and carriage returns at both ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0d }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
            return []
        }
        return self[first...last]
    }
}
