// SPDX-License-Identifier: Apache-2.0

internal import RucheHTTP
package import RucheWire

/// Why an announce or a scrape failed.
public struct TrackerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure. The set is open: switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The text is not a tracker's URL, or the URL must not be asked.
        public static let unfitURL = Self(description: "unfit URL")
        /// The tracker's name has no address that may be reached.
        public static let lookup = Self(description: "host not found")
        /// The tracker did not answer in time.
        public static let timeout = Self(description: "no answer in time")
        /// The connection could not be opened, or broke.
        public static let connection = Self(description: "connection failed")
        /// An HTTP status other than 200.
        public static let status = Self(description: "HTTP status")
        /// The response is not valid.
        public static let malformed = Self(description: "malformed answer")
        /// The tracker refuses and says why.
        public static let refused = Self(description: "refused")
        /// Too many requests are waiting, or the response is too long or redirected too often.
        public static let limit = Self(description: "limit reached")
        /// The process or system is out of descriptors, threads or memory; the tracker is asked again soon.
        public static let exhausted = Self(description: "not now")
        /// The local binding cannot be honoured.
        public static let localBinding = Self(description: "local binding")
        /// The client is shut down, or the request was cancelled.
        public static let stopped = Self(description: "stopped")
    }

    /// The kind of failure.
    public let code: Code
    /// What was attempted and what happened instead, or the tracker's own words; one line for logs or users.
    public let message: String
    /// The tracker's advice on when to retry (BEP 31), if it refused and gave some.
    package let retry: TrackerMessageError.Retry?
    /// Seconds that an HTTP server asks us to wait (`Retry-After`), if it did.
    public let retryAfterSeconds: Int?

    /// Creates a failure, with the tracker's advice if it gave some.
    package init(
        _ code: Code,
        _ message: String,
        retry: TrackerMessageError.Retry? = nil,
        retryAfterSeconds: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.retry = retry
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// Converts a response that could not be parsed, or that refuses.
    init(_ error: TrackerMessageError) {
        switch error.code {
        case .refused: self.init(.refused, error.found, retry: error.retry)
        case .unfitURL: self.init(.unfitURL, error.description)
        default: self.init(.malformed, error.description)
        }
    }

    /// Converts a failed HTTP request.
    init(_ error: HTTPError) {
        let code: Code =
            switch error.code {
            case .unfitURL: .unfitURL
            case .lookup: .lookup
            case .timeout: .timeout
            case .malformed: .malformed
            case .limit, .redirects: .limit
            case .exhausted: .exhausted
            case .localBinding: .localBinding
            case .stopped: .stopped
            default: .connection
            }
        self.init(code, error.message)
    }

    /// Whether the tracker answered, though not as hoped. It may answer another request successfully.
    var isAnswer: Bool { [.refused, .status, .malformed].contains(code) }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}
