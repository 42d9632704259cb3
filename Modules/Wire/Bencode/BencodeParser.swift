// SPDX-License-Identifier: Apache-2.0

/// Turns bytes into tokens in one pass, without recursion.
///
/// The stack of open containers is kept in the tokens. While a container is open, its `link` is the index of the
/// enclosing container's token, and its `end` the index of the last key seen in it; closing the container sets their
/// final values. Token 0 is the root, which is never a key, so 0 can mean "none".
struct BencodeParser {
    private let bytes: [UInt8]
    private let rules: BencodeRules
    private(set) var tokens: [BencodeToken] = []
    private var position = 0
    private var depth = 0
    private var openContainer = 0
    private var awaited = Awaited.value

    /// The number of input bytes per token in typical long file lists, by which capacity is reserved once.
    private static let usualTokenByteCount = 16

    private enum Awaited: String {
        case value = "a value"
        case valueOrEnd = "a value or 'e'"
        case keyOrEnd = "a key or 'e'"
    }

    init(bytes: [UInt8], rules: BencodeRules) {
        self.bytes = bytes
        self.rules = rules
    }

    mutating func parse() throws(BencodeError) {
        let limit = min(rules.maxByteCount, Int(UInt32.max))
        guard bytes.count <= limit else {
            throw BencodeError(.limit, at: limit, expected: "at most \(limit) bytes", found: "\(bytes.count)")
        }
        tokens.reserveCapacity(min(bytes.count / Self.usualTokenByteCount, rules.maxTokens))
        repeat { try parseNext() } while depth > 0
        guard position == bytes.count || rules.allowsTrailingBytes else {
            let extra = bytes.count - position
            throw BencodeError(.trailingBytes, at: position, expected: "the end", found: "\(extra) more bytes")
        }
    }

    private mutating func parseNext() throws(BencodeError) {
        guard position < bytes.count else { throw unexpectedEnd(expected: awaited.rawValue) }
        switch bytes[position] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): try parseString()
        case UInt8(ascii: "i") where awaited != .keyOrEnd: try parseInteger()
        case UInt8(ascii: "l") where awaited != .keyOrEnd: try open(awaiting: .valueOrEnd)
        case UInt8(ascii: "d") where awaited != .keyOrEnd: try open(awaiting: .keyOrEnd)
        case UInt8(ascii: "e") where awaited != .value: close()
        default: throw unexpectedByte(expected: awaited.rawValue)
        }
    }
}

// MARK: Containers

extension BencodeParser {
    private mutating func open(awaiting next: Awaited) throws(BencodeError) {
        guard depth < rules.maxDepth else {
            let expected = "at most \(rules.maxDepth) levels"
            throw BencodeError(.limit, at: position, expected: expected, found: "one more")
        }
        let index = tokens.count
        try append(BencodeToken(start: UInt32(position), end: 0, link: UInt32(openContainer)))
        openContainer = index
        depth += 1
        position += 1
        awaited = next
    }

    private mutating func close() {
        position += 1
        let closed = openContainer
        openContainer = Int(tokens[closed].link)
        tokens[closed].link = UInt32(tokens.count)
        tokens[closed].end = UInt32(position)
        depth -= 1
        didEndValue()
    }

    /// Decides by the enclosing container what may follow a value.
    private mutating func didEndValue() {
        guard depth > 0 else { return }
        let isInDictionary = bytes[Int(tokens[openContainer].start)] == UInt8(ascii: "d")
        awaited = isInDictionary ? .keyOrEnd : .valueOrEnd
    }

    private mutating func append(_ token: BencodeToken) throws(BencodeError) {
        guard tokens.count < rules.maxTokens else {
            let expected = "at most \(rules.maxTokens) values"
            throw BencodeError(.limit, at: position, expected: expected, found: "one more")
        }
        tokens.append(token)
    }
}

// MARK: Strings and keys

extension BencodeParser {
    private mutating func parseString() throws(BencodeError) {
        let start = position
        let length = try parseLength()
        guard length <= bytes.count - position else {
            let found = "\(bytes.count - position) left"
            throw BencodeError(.unexpectedEnd, at: position, expected: "a string of \(length) bytes", found: found)
        }
        let content = position
        let isKey = awaited == .keyOrEnd
        if isKey, rules.isCanonical { try checkOrder(of: content..<content + length, startingAt: start) }
        if isKey { tokens[openContainer].end = UInt32(tokens.count) }
        try append(BencodeToken(start: UInt32(start), end: UInt32(content + length), link: UInt32(content)))
        position = content + length
        if isKey { awaited = .value } else { didEndValue() }
    }

    /// Reads the digits and the colon at the start of a string.
    private mutating func parseLength() throws(BencodeError) -> Int {
        var length = 0
        let start = position
        while position < bytes.count, let digit = digit(bytes[position]) {
            // The input is shorter than 2^32 bytes, so a longer length can be clamped.
            length = min(length * 10 + digit, Int(UInt32.max))
            position += 1
        }
        guard position < bytes.count else { throw unexpectedEnd(expected: "':'") }
        guard bytes[position] == UInt8(ascii: ":") else { throw malformedNumber(expected: "a digit or ':'") }
        if rules.isCanonical, position - start > 1, bytes[start] == UInt8(ascii: "0") {
            throw BencodeError(.notCanonical, at: start, expected: "a length without leading zeros", found: "one")
        }
        position += 1
        return length
    }

    private func checkOrder(of key: Range<Int>, startingAt offset: Int) throws(BencodeError) {
        let previousIndex = Int(tokens[openContainer].end)
        guard previousIndex != 0 else { return }
        let token = tokens[previousIndex]
        let previous = Int(token.link)..<Int(token.end)
        guard !precedes(previous, key) else { return }
        let found = bytes[previous].elementsEqual(bytes[key]) ? "a repeated key" : "a smaller key"
        throw BencodeError(.notCanonical, at: offset, expected: "a key greater than the last", found: found)
    }

    /// Returns whether the bytes at `first` sort before those at `second`. Compares in place, because slices would
    /// retain and release the array.
    private func precedes(_ first: Range<Int>, _ second: Range<Int>) -> Bool {
        for (a, b) in zip(first, second) where bytes[a] != bytes[b] { return bytes[a] < bytes[b] }
        return first.count < second.count
    }
}

// MARK: Integers

extension BencodeParser {
    private mutating func parseInteger() throws(BencodeError) {
        let start = position
        position += 1
        let isNegative = position < bytes.count && bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let digits = position
        while position < bytes.count, digit(bytes[position]) != nil { position += 1 }
        guard position < bytes.count else { throw unexpectedEnd(expected: "an integer and 'e'") }
        guard position > digits, bytes[position] == UInt8(ascii: "e") else {
            throw malformedNumber(expected: position > digits ? "a digit or 'e'" : "a digit")
        }
        if rules.isCanonical, bytes[digits] == UInt8(ascii: "0"), isNegative || position - digits > 1 {
            let found = isNegative ? "'-0'" : "a leading zero"
            throw BencodeError(.notCanonical, at: digits, expected: "a canonical integer", found: found)
        }
        position += 1
        try append(BencodeToken(start: UInt32(start), end: UInt32(position), link: UInt32(digits)))
        didEndValue()
    }

    private func digit(_ byte: UInt8) -> Int? {
        let value = byte &- UInt8(ascii: "0")
        return value < 10 ? Int(value) : nil
    }
}

// MARK: Errors

extension BencodeParser {
    private func unexpectedEnd(expected: String) -> BencodeError {
        BencodeError(.unexpectedEnd, at: bytes.count, expected: expected, found: "the end")
    }

    private func unexpectedByte(expected: String) -> BencodeError {
        BencodeError(.unexpectedByte, at: position, expected: expected, found: describe(bytes[position]))
    }

    private func malformedNumber(expected: String) -> BencodeError {
        BencodeError(.malformedNumber, at: position, expected: expected, found: describe(bytes[position]))
    }

    private func describe(_ byte: UInt8) -> String {
        (0x20..<0x7f).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    }
}
