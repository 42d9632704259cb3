// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not a usable .torrent file or info dictionary.
public struct MetainfoError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The bytes do not decode, or not in the canonical form where BEP 52 wants it.
        public static let notBencode = Self(description: "no bencode")
        /// A field that has to be there is not.
        public static let missing = Self(description: "missing field")
        /// A field is of another kind than it has to be.
        public static let wrongType = Self(description: "wrong type")
        /// A field's value makes no sense.
        public static let badValue = Self(description: "bad value")
        /// A `meta version` that is not known, or keys of one that is not named.
        public static let unsupportedVersion = Self(description: "unsupported version")
        /// The v1 and v2 halves of a hybrid describe different files.
        public static let hybridMismatch = Self(description: "hybrid mismatch")
        /// A piece layer does not lead to its file's root, or belongs to no file.
        public static let badPieceLayer = Self(description: "bad piece layer")
        /// A named limit was reached.
        public static let limit = Self(description: "limit reached")
        /// The task that parses was cancelled.
        public static let cancelled = Self(description: "cancelled")
    }

    /// The kind.
    public let code: Code
    /// The field, by the keys that lead to it, such as "info.files.length".
    public let field: String
    /// Bytes from the beginning of what was parsed, to the value at fault.
    public let offset: Int
    /// What should have been there.
    public let expected: String
    /// What was there.
    public let found: String

    /// An error from its parts.
    public init(_ code: Code, field: String, at offset: Int, expected: String, found: String) {
        self.code = code
        self.field = field
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    /// One line for a log.
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
