// SPDX-License-Identifier: Apache-2.0

extension IPAddress {
    /// Parses an address: dotted decimal for IPv4; for IPv6 the forms of RFC 4291, section 2.2, without brackets or
    /// zone. Nil for anything else. IPv4 numbers with leading zeros are rejected, because some parsers read them as
    /// octal.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        if let v4 = Self.parseIPv4(bytes[...]) {
            self.init(v4: v4)
        } else if let groups = Self.parseIPv6(bytes[...]) {
            self.init(v6High: Self.joined(groups[..<4]), low: Self.joined(groups[4...]))
        } else {
            return nil
        }
    }

    private static func joined(_ groups: ArraySlice<UInt16>) -> UInt64 {
        groups.reduce(0) { $0 << 16 | UInt64($1) }
    }

    private static func parseIPv4(_ text: ArraySlice<UInt8>) -> UInt32? {
        guard text.count <= 15 else { return nil }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard let number = DecimalNumber.parse(part, maxDigits: 3), number <= 255 else { return nil }
            address = address << 8 | UInt32(number)
        }
        return address
    }
}

// MARK: IPv6

extension IPAddress {
    /// The eight groups of 16 bits.
    private static func parseIPv6(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        guard text.count <= 45, let gap = doubleColon(in: text) else {
            guard text.count <= 45, let groups = parseGroups(text), groups.count == 8 else { return nil }
            return groups
        }
        let tail = text[(gap + 2)...]
        guard let before = parseGroups(text[..<gap]), let after = parseGroups(tail) else { return nil }
        // The double colon stands for at least one group.
        guard before.count + after.count < 8, !endsInIPv4(text[..<gap]) else { return nil }
        return before + Array(repeating: 0, count: 8 - before.count - after.count) + after
    }

    private static func doubleColon(in text: ArraySlice<UInt8>) -> Int? {
        let colon = UInt8(ascii: ":")
        return text.indices.dropLast().first { text[$0] == colon && text[$0 + 1] == colon }
    }

    private static func endsInIPv4(_ text: ArraySlice<UInt8>) -> Bool { text.contains(UInt8(ascii: ".")) }

    /// Parses groups separated by single colons, of which the last two may be written as IPv4. No text means no groups.
    private static func parseGroups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        var parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let embedded = parts.last.flatMap(parseIPv4)
        if embedded != nil { parts.removeLast() }
        for part in parts {
            guard (1...4).contains(part.count), let group = hexadecimal(part) else { return nil }
            groups.append(group)
        }
        if let embedded { groups += [UInt16(embedded >> 16), UInt16(embedded & 0xffff)] }
        return groups.count <= 8 ? groups : nil
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt16? {
        var value: UInt16 = 0
        for digit in digits {
            let character = Character(Unicode.Scalar(digit))
            guard character.isASCII, let number = character.hexDigitValue else { return nil }
            value = value << 4 | UInt16(number)
        }
        return value
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal for IPv4. For IPv6 the canonical form of RFC 5952: lower case, no leading zeros, and `::` for the
    /// longest run of two or more zero groups, or the first of several equally long runs.
    public var description: String {
        guard !isIPv4 else {
            return "\(low >> 24 & 255).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)"
        }
        let groups = [high, low].flatMap { half in [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> $0) } }
        let texts = groups.map { String($0, radix: 16) }
        guard let gap = Self.longestZeroRun(groups) else { return texts.joined(separator: ":") }
        return texts[..<gap.lowerBound].joined(separator: ":") + "::" + texts[gap.upperBound...].joined(separator: ":")
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var longest = 0..<1
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 {
                start = index + 1
            } else if index + 1 - start > longest.count {
                longest = start..<index + 1
            }
        }
        return longest.count > 1 ? longest : nil
    }
}

extension PeerEndpoint: CustomStringConvertible {
    /// Parses an endpoint such as `192.0.2.1:6881` or `[2001:db8::1]:6881`. Nil for anything else, and for port 0.
    public init?(_ text: some StringProtocol) {
        guard let (host, port) = HostAndPort.split(Array(text.utf8)[...]), port > 0 else { return nil }
        guard let address = IPAddress(String(decoding: host.name, as: UTF8.self)) else { return nil }
        // Brackets are required around IPv6 (IPv4-mapped included), and not allowed around IPv4.
        guard host.isBracketed == host.name.contains(UInt8(ascii: ":")) else { return nil }
        self.init(address: address, port: port)
    }

    /// The endpoint as `192.0.2.1:6881` or `[2001:db8::1]:6881`.
    public var description: String { address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}

/// Splits text into host and port at the last colon.
package enum HostAndPort {
    package struct Host {
        /// The host without its brackets.
        package var name: ArraySlice<UInt8>
        package var isBracketed: Bool
    }

    /// Nil without a colon, without a host, or without a decimal port from 0 to 65535.
    package static func split(_ text: ArraySlice<UInt8>) -> (host: Host, port: UInt16)? {
        guard let colon = text.lastIndex(of: UInt8(ascii: ":")), colon > text.startIndex,
            let port = DecimalNumber.parse(text[(colon + 1)...], maxDigits: 5).flatMap({ UInt16(exactly: $0) })
        else { return nil }
        let name = text[..<colon]
        guard name.first == UInt8(ascii: "[") else { return (Host(name: name, isBracketed: false), port) }
        guard name.count > 2, name.last == UInt8(ascii: "]") else { return nil }
        return (Host(name: name.dropFirst().dropLast(), isBracketed: true), port)
    }
}

/// Decimal numbers as written in addresses and ranges.
enum DecimalNumber {
    /// Nil for no digits, more than `maxDigits`, any other character, or a leading zero. `maxDigits` must be at most
    /// 18.
    static func parse(_ digits: some Collection<UInt8>, maxDigits: Int) -> Int? {
        guard !digits.isEmpty, digits.count <= maxDigits else { return nil }
        guard digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
