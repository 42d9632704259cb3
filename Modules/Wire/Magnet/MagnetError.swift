// SPDX-License-Identifier: Apache-2.0

/// Why text is not a magnet link that names a torrent.
public struct MagnetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error. The set is open: switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The text does not start with `magnet:?`.
        public static let notMagnet = Self(description: "not a magnet link")
        /// A `urn:btih:` or `urn:btmh:` topic is not a valid hash.
        public static let badHash = Self(description: "unreadable info-hash")
        /// There is no topic that names a torrent.
        public static let noHash = Self(description: "no info-hash")
        /// Two topics of one kind name different torrents.
        public static let conflict = Self(description: "conflict")
        /// A named limit was reached.
        public static let limit = Self(description: "limit reached")
    }

    /// The kind of error.
    public let code: Code
    /// The offset in bytes of the parameter at fault.
    public let offset: Int
    /// What was expected.
    public let expected: String
    /// What was found.
    public let found: String

    /// `expected` and `found` are noun phrases for `description`.
    package init(_ code: Code, at offset: Int, expected: String, found: String) {
        self.code = code
        self.offset = offset
        self.expected = expected
        self.found = found
    }

    /// One line for logs.
    public var description: String { "magnet at byte \(offset): expected \(expected), found \(found)" }
}
