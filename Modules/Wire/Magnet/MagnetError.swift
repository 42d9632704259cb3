// SPDX-License-Identifier: Apache-2.0

/// Why text is not a magnet link that names a torrent.
public struct MagnetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The text does not begin with `magnet:?`.
        public static let notMagnet = Self(description: "no magnet link")
        /// A `urn:btih:` or `urn:btmh:` topic that does not spell a hash.
        public static let badHash = Self(description: "unreadable info-hash")
        /// No topic that names a torrent.
        public static let noHash = Self(description: "no info-hash")
        /// Two topics of one kind that name different torrents.
        public static let conflict = Self(description: "conflict")
        /// A named limit was reached.
        public static let limit = Self(description: "limit reached")
    }

    /// The kind.
    public let code: Code
    /// Bytes from the beginning of the text, to the parameter at fault.
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
    public var description: String { "magnet at byte \(offset): expected \(expected), found \(found)" }
}
