// SPDX-License-Identifier: Apache-2.0

/// Why a tracker's answer is of no use.
public struct TrackerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The tracker says why it won't serve the request: see `found`.
        public static let refused = Self(description: "refused by the tracker")
        /// Not the bytes that an answer is made of.
        public static let malformed = Self(description: "malformed answer")
        /// A well-formed answer to another request.
        public static let mismatched = Self(description: "answer to another request")
        /// A URL that can't be announced to or scraped.
        public static let unfitURL = Self(description: "unfit URL")
    }

    /// When a refused request may be sent again (BEP 31).
    public enum Retry: Hashable, Sendable {
        /// Not before so many minutes have passed.
        case after(minutes: Int)
        /// Never: this is no tracker, or not for this torrent.
        case never
    }

    /// The kind.
    public let code: Code
    /// Bytes from the beginning of the answer.
    public let offset: Int
    /// What should have been there.
    public let expected: String
    /// What was there; the tracker's own words where it refuses.
    public let found: String
    /// The tracker's advice, where it refuses and gives some.
    public let retry: Retry?

    /// An error from its parts.
    public init(_ code: Code, at offset: Int = 0, expected: String, found: String, retry: Retry? = nil) {
        self.code = code
        self.offset = offset
        self.expected = expected
        self.found = found
        self.retry = retry
    }

    /// One line for a log.
    public var description: String { "\(code) at byte \(offset): expected \(expected), found \(found)" }
}
