// SPDX-License-Identifier: Apache-2.0

/// Why the DHT could not do what it was asked.
public struct DHTError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// No node is known, or none answered.
        public static let noNodes = Self(description: "no nodes")
        /// No node that was asked has the item.
        public static let notFound = Self(description: "not found")
        /// No node stored it.
        public static let notStored = Self(description: "not stored")
        /// Somebody else has replaced the item in the meantime (BEP 44, `cas`).
        public static let conflict = Self(description: "conflict")
        /// There is a version with a higher sequence number, or another value with the same.
        public static let outdated = Self(description: "outdated")
        /// A value of more than 1,000 bytes.
        public static let valueTooBig = Self(description: "value too big")
        /// An item that no node would store.
        public static let unfitItem = Self(description: "unfit item")
        /// A saved routing table that cannot be read.
        public static let unfitTable = Self(description: "unfit table")
        /// A limit of `DHTLimits` is reached.
        public static let limit = Self(description: "limit reached")
        /// No socket could be opened.
        public static let socket = Self(description: "no socket")
        /// The node is closed, or the call was cancelled.
        public static let stopped = Self(description: "stopped")
    }

    /// The kind.
    public let code: Code
    /// What was tried or found; one line for a log.
    public let message: String

    /// An error of a kind.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Code and message.
    public var description: String { "\(code): \(message)" }
}
