// SPDX-License-Identifier: Apache-2.0

/// Why a request over HTTP brought no answer.
public struct HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// Not a URL, or not one that may be asked.
        public static let unfitURL = Self(description: "unfit URL")
        /// The host's name has no address.
        public static let lookup = Self(description: "host not found")
        /// Nothing came in time.
        public static let timeout = Self(description: "no answer in time")
        /// No connection, or one that broke.
        public static let connection = Self(description: "connection failed")
        /// The other side closed the connection before the first byte of its answer.
        public static let unanswered = Self(description: "closed without an answer")
        /// The server could not show that it is who it should be.
        public static let security = Self(description: "TLS failed")
        /// An answer that is not HTTP, or contradicts itself.
        public static let malformed = Self(description: "malformed answer")
        /// More redirects than `HTTPLimits.redirects`.
        public static let redirects = Self(description: "too many redirects")
        /// A limit of `HTTPLimits` is reached.
        public static let limit = Self(description: "limit reached")
        /// The program or the system has no descriptor, thread or memory left; it passes.
        public static let exhausted = Self(description: "not now")
        /// The local binding can't be kept.
        public static let localBinding = Self(description: "local binding")
        /// The client is shut down, or the request was cancelled.
        public static let stopped = Self(description: "stopped")
    }

    /// The kind.
    public let code: Code
    /// What was tried and what came instead; one line for a log.
    public let message: String

    /// A failure of a kind.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Code and message.
    public var description: String { "\(code): \(message)" }
}
