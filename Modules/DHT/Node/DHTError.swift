// SPDX-License-Identifier: Apache-2.0

/// Why a DHT operation failed.
public struct DHTError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error. The set is open: switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// No node is known, or none answered.
        public static let noNodes = Self(description: "no nodes")
        /// No node that was asked has the item.
        public static let notFound = Self(description: "not found")
        /// No node stored it.
        public static let notStored = Self(description: "not stored")
        /// Another version has replaced the item meanwhile (BEP 44, `cas`).
        public static let conflict = Self(description: "conflict")
        /// A version with a higher sequence number exists, or another value with the same one.
        public static let outdated = Self(description: "outdated")
        /// The value has more than 1,000 bytes.
        public static let valueTooBig = Self(description: "value too big")
        /// No node would store the item.
        public static let unfitItem = Self(description: "unfit item")
        /// The saved routing table cannot be parsed.
        public static let unfitTable = Self(description: "unfit table")
        /// Too many searches are running.
        public static let limit = Self(description: "limit reached")
        /// No socket could be opened.
        public static let socket = Self(description: "no socket")
        /// The node is closed, or the call was cancelled.
        public static let stopped = Self(description: "stopped")
    }

    /// The kind of error.
    public let code: Code
    /// What was attempted or found, in one line for logs.
    public let message: String

    /// Creates an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}
