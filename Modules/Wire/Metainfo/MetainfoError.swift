// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not a usable .torrent file or info dictionary.
public struct MetainfoError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; the set may grow.
    public struct Code: Hashable, Sendable {
        private enum Kind: Hashable {
            case notBencode, missing, wrongType, badValue, unsupportedVersion, hybridMismatch, badPieceLayer, limit
        }
        private let kind: Kind
        /// The bytes do not decode, or not in the canonical form where BEP 52 wants it.
        public static let notBencode = Code(kind: .notBencode)
        /// A field that has to be there is not.
        public static let missing = Code(kind: .missing)
        /// A field is of another kind than it has to be.
        public static let wrongType = Code(kind: .wrongType)
        /// A field's value makes no sense.
        public static let badValue = Code(kind: .badValue)
        /// A `meta version` that is not known, or keys of one that is not named.
        public static let unsupportedVersion = Code(kind: .unsupportedVersion)
        /// The v1 and v2 halves of a hybrid describe different files.
        public static let hybridMismatch = Code(kind: .hybridMismatch)
        /// A piece layer does not lead to its file's root, or belongs to no file.
        public static let badPieceLayer = Code(kind: .badPieceLayer)
        /// A named limit was reached.
        public static let limit = Code(kind: .limit)
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
