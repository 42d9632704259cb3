// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not the bencode that was asked for.
public struct BencodeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The input ends inside a value.
        public static let unexpectedEnd = Self(description: "unexpected end")
        /// A byte that cannot stand where it does.
        public static let unexpectedByte = Self(description: "unexpected byte")
        /// An integer or a string's length that does not read as a number.
        public static let malformedNumber = Self(description: "malformed number")
        /// Readable, but not in the canonical form.
        public static let notCanonical = Self(description: "not canonical")
        /// Bytes after the value.
        public static let trailingBytes = Self(description: "trailing bytes")
        /// A named limit was reached.
        public static let limit = Self(description: "limit reached")
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
