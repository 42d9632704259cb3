// SPDX-License-Identifier: Apache-2.0

/// Why an HTTP request failed.
public struct HTTPFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure. The set is open: switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The text is not a URL, or the URL must not be requested.
        public static let unfitURL = Self(description: "unfit URL")
        /// The host's name has no address.
        public static let lookup = Self(description: "host not found")
        /// The server did not answer in time.
        public static let timeout = Self(description: "no answer in time")
        /// The connection could not be opened, or broke.
        public static let connection = Self(description: "connection failed")
        /// The server closed the connection before the first byte of its response.
        public static let unanswered = Self(description: "closed without an answer")
        /// The TLS handshake failed, for example because the certificate is not valid.
        public static let security = Self(description: "TLS failed")
        /// The response is not HTTP, or contradicts itself.
        public static let malformed = Self(description: "malformed answer")
        /// The server redirects more often than `HTTPLimits.redirects` allows.
        public static let redirects = Self(description: "too many redirects")
        /// A limit of `HTTPLimits` is reached.
        public static let limit = Self(description: "limit reached")
        /// The process or system is out of descriptors, threads or memory; retry later.
        public static let exhausted = Self(description: "not now")
        /// The local binding cannot be honoured.
        public static let localBinding = Self(description: "local binding")
        /// The client is shut down, or the request was cancelled.
        public static let stopped = Self(description: "stopped")
    }

    /// The kind of failure.
    public let code: Code
    /// What was attempted and what happened instead, in one line for logs.
    public let message: String

    /// Creates a failure.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}
