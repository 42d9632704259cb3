// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not a usable .torrent file or info dictionary.
public struct MetainfoError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error. The set is open: switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The bytes are not bencoded, or not in the canonical form that BEP 52 requires.
        public static let notBencode = Self(description: "not bencoded")
        /// A required field is missing.
        public static let missing = Self(description: "missing field")
        /// A field has the wrong type.
        public static let wrongType = Self(description: "wrong type")
        /// A field's value is invalid.
        public static let badValue = Self(description: "bad value")
        /// The `meta version` is unknown, or there are keys of a version without it.
        public static let unsupportedVersion = Self(description: "unsupported version")
        /// The v1 and v2 halves of a hybrid describe different files.
        public static let hybridMismatch = Self(description: "hybrid mismatch")
        /// A piece layer does not match its file's root, or belongs to no file.
        public static let badPieceLayer = Self(description: "bad piece layer")
        /// A named limit was reached.
        public static let limit = Self(description: "limit reached")
        /// The parsing task was cancelled.
        public static let cancelled = Self(description: "cancelled")
    }

    /// The kind of error.
    public let code: Code
    /// The keys that lead to the field, such as "info.files.length".
    public let field: String
    /// The offset in bytes of the value at fault.
    public let offset: Int
    /// What was expected.
    public let expected: String
    /// What was found.
    public let found: String

    /// `expected` and `found` are noun phrases for `description`.
    package init(_ code: Code, field: String, at offset: Int, expected: String, found: String) {
        self.code = code
        self.field = field
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    /// One line for logs.
    public var description: String { "\(field) at byte \(offset): expected \(expected), found \(found)" }

    init(_ error: BencodeError) {
        self.init(
            .notBencode,
            field: "bencode",
            at: error.offset,
            expected: error.expected,
            found: error.found
        )
    }
}
