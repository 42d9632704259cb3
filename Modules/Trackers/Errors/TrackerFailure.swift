// SPDX-License-Identifier: Apache-2.0

internal import RucheHTTP
public import RucheWire

/// Why an announce or a scrape brought nothing.
public struct TrackerFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// Not a URL of a tracker, or not one that we would ask.
        public static let unfitURL = Self(description: "unfit URL")
        /// The tracker's name has no address that we may reach.
        public static let lookup = Self(description: "host not found")
        /// Nothing came in time.
        public static let timeout = Self(description: "no answer in time")
        /// No connection, or one that broke.
        public static let connection = Self(description: "connection failed")
        /// An HTTP status other than 200.
        public static let status = Self(description: "HTTP status")
        /// An answer that makes no sense.
        public static let malformed = Self(description: "malformed answer")
        /// The tracker says why it won't serve us.
        public static let refused = Self(description: "refused")
        /// A limit of `TrackersLimits` is reached.
        public static let limit = Self(description: "limit reached")
        /// The program or the system has no descriptor, thread or memory left; the tracker is asked again soon.
        public static let exhausted = Self(description: "not now")
        /// The local binding can't be kept.
        public static let localBinding = Self(description: "local binding")
        /// The client is shut down, or the request was cancelled.
        public static let stopped = Self(description: "stopped")
    }

    /// The kind.
    public let code: Code
    /// What was tried and what came instead, or the tracker's own words; one line for a log or a user.
    public let message: String
    /// The tracker's advice (BEP 31), where it refuses and gives some.
    public let retry: TrackerError.Retry?
    /// Seconds that an overloaded HTTP server wants to be left alone (`Retry-After`), where it says so.
    public let retryAfterSeconds: Int?

    /// A failure of a kind, with the tracker's advice where it gave some.
    public init(
        _ code: Code,
        _ message: String,
        retry: TrackerError.Retry? = nil,
        retryAfterSeconds: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.retry = retry
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// An answer that could not be read, or that refuses.
    init(_ error: TrackerError) {
        switch error.code {
        case .refused: self.init(.refused, error.found, retry: error.retry)
        case .unfitURL: self.init(.unfitURL, error.description)
        default: self.init(.malformed, error.description)
        }
    }

    /// What a request over HTTP ended with.
    init(_ error: HTTPFailure) {
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

    /// The tracker answered, if not as we wished: it may answer another request better.
    var isAnswer: Bool { [.refused, .status, .malformed].contains(code) }

    /// Code and message.
    public var description: String { "\(code): \(message)" }
}
