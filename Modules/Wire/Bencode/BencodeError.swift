// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not the bencode that was asked for.
public struct BencodeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; the set may grow.
    public struct Code: Hashable, Sendable {
        private enum Kind: Hashable {
            case unexpectedEnd, unexpectedByte, malformedNumber, notCanonical, trailingBytes, limit
        }
        private let kind: Kind
        /// The input ends inside a value.
        public static let unexpectedEnd = Code(kind: .unexpectedEnd)
        /// A byte that cannot stand where it does.
        public static let unexpectedByte = Code(kind: .unexpectedByte)
        /// An integer or a string's length that does not read as a number.
        public static let malformedNumber = Code(kind: .malformedNumber)
        /// Readable, but not in the canonical form.
        public static let notCanonical = Code(kind: .notCanonical)
        /// Bytes after the value.
        public static let trailingBytes = Code(kind: .trailingBytes)
        /// A named limit was reached.
        public static let limit = Code(kind: .limit)
    }

    /// The kind.
    public let code: Code
    /// Bytes from the beginning of the input.
    public let offset: Int
    /// What should have been there.
    public let expected: String
    /// What was there.
    public let found: String

    /// An error from its parts.
    public init(_ code: Code, at offset: Int, expected: String, found: String) {
        self.code = code
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    /// One line for a log.
    public var description: String { "bencode at byte \(offset): expected \(expected), found \(found)" }
}
