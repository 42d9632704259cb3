// SPDX-License-Identifier: Apache-2.0

/// An error of the bencode decoder.
public struct BencodeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind of error in words.
        public let description: String

        /// The input ends inside a value.
        public static let unexpectedEnd = Self(description: "unexpected end")
        /// A byte is not allowed at its position.
        public static let unexpectedByte = Self(description: "unexpected byte")
        /// An integer or the length of a string is not a number.
        public static let malformedNumber = Self(description: "malformed number")
        /// The input is bencode, but not in canonical form.
        public static let notCanonical = Self(description: "not canonical")
        /// Bytes follow the value.
        public static let trailingBytes = Self(description: "trailing bytes")
        /// A limit is exceeded.
        public static let limit = Self(description: "limit exceeded")
    }

    /// The kind of error.
    public let code: Code
    /// The offset of the error from the beginning of the input, in bytes.
    public let offset: Int
    /// What the decoder expected.
    public let expected: String
    /// What it found.
    public let found: String

    /// Creates an error.
    package init(_ code: Code, at offset: Int, expected: String, found: String) {
        self.code = code
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    /// The error in one line, for logs.
    public var description: String { "bencode at byte \(offset): expected \(expected), found \(found)" }
}
