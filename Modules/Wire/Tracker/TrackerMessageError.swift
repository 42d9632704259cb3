// SPDX-License-Identifier: Apache-2.0

/// An error in a tracker's response, or in a request to it.
package struct TrackerMessageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind of error in words.
        package let description: String

        /// The tracker refuses the request; `found` holds its reason.
        package static let refused = Self(description: "refused by the tracker")
        /// The response is malformed.
        package static let malformed = Self(description: "malformed answer")
        /// The response is well-formed, but answers another request.
        package static let mismatched = Self(description: "answer to another request")
        /// The URL does not support the request.
        package static let unfitURL = Self(description: "unfit URL")
    }

    /// When to repeat a refused request (BEP 31).
    package enum Retry: Hashable, Sendable {
        /// Not before this many minutes have passed.
        case after(minutes: Int)
        /// Never: the host is not a tracker, or does not serve this torrent.
        case never
    }

    /// The kind.
    package let code: Code
    /// The offset of the error from the beginning of the response, in bytes.
    package let offset: Int
    /// What the parser expected.
    package let expected: String
    /// What it found. For `refused`, the tracker's reason.
    package let found: String
    /// When to repeat a refused request, if the tracker says so.
    package let retry: Retry?

    /// Creates an error.
    package init(_ code: Code, at offset: Int = 0, expected: String, found: String, retry: Retry? = nil) {
        self.code = code
        self.offset = offset
        self.expected = expected
        self.found = found
        self.retry = retry
    }

    /// The error in one line, for logs.
    package var description: String { "\(code) at byte \(offset): expected \(expected), found \(found)" }
}
