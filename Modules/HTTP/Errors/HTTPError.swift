// SPDX-License-Identifier: Apache-2.0

/// Why an HTTP request failed.
package struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure. The set is open: switch with a default.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        package let description: String

        /// The text is not a URL, or the URL must not be requested.
        package static let unfitURL = Self(description: "unfit URL")
        /// The host's name has no address.
        package static let lookup = Self(description: "host not found")
        /// The server did not answer in time.
        package static let timeout = Self(description: "no answer in time")
        /// The connection could not be opened, or broke.
        package static let connection = Self(description: "connection failed")
        /// The server closed the connection before the first byte of its response.
        package static let unanswered = Self(description: "closed without an answer")
        /// The TLS handshake failed, for example because the certificate is not valid.
        package static let security = Self(description: "TLS failed")
        /// The response is not HTTP, or contradicts itself.
        package static let malformed = Self(description: "malformed answer")
        /// The server redirects more often than `HTTPLimits.redirects` allows.
        package static let redirects = Self(description: "too many redirects")
        /// A limit of `HTTPLimits` is reached.
        package static let limit = Self(description: "limit reached")
        /// The process or system is out of descriptors, threads or memory; retry later.
        package static let exhausted = Self(description: "not now")
        /// The local binding cannot be honoured.
        package static let localBinding = Self(description: "local binding")
        /// The client is shut down, or the request was cancelled.
        package static let stopped = Self(description: "stopped")
    }

    /// The kind of failure.
    package let code: Code
    /// What was attempted and what happened instead, in one line for logs.
    package let message: String

    /// Creates a failure.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    package var description: String { "\(code): \(message)" }
}
