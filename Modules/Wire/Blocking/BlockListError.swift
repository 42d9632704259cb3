// SPDX-License-Identifier: Apache-2.0

/// Why a list of addresses to block cannot be used.
public struct BlockListError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error. The set is open: switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// A named limit was reached.
        public static let limit = Self(description: "limit reached")
    }

    /// The kind of error.
    public let code: Code
    /// The line at fault, counted from 1.
    public let line: Int
    /// What was found.
    public let found: String

    /// `found` is a noun phrase for `description`.
    package init(_ code: Code, line: Int, _ found: String) {
        self.code = code
        self.line = line
        self.found = found
    }

    /// One line for logs.
    public var description: String { "line \(line): \(found)" }
}
