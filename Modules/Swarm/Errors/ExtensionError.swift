// SPDX-License-Identifier: Apache-2.0

public import RucheWire

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Why an extension cannot be added to a session.
public struct ExtensionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error. The set is open: switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The engine or another extension uses the name.
        public static let nameTaken = Self(description: "name taken")
        /// The name is empty or too long.
        public static let badName = Self(description: "bad name")
        /// The session cannot have more extensions.
        public static let limit = Self(description: "limit reached")
        /// The session has been shut down.
        public static let sessionEnded = Self(description: "session ended")
    }

    /// The kind of error.
    public let code: Code
    /// The extension's name.
    public let name: ExtensionName
    /// What is wrong, as a sentence without capital and full stop.
    public let reason: String

    /// Creates an error; `reason` has no full stop.
    package init(_ code: Code, _ name: ExtensionName, _ reason: String) {
        self.code = code
        self.name = name
        self.reason = reason
    }

    /// The name and the reason.
    public var description: String { "extension \"\(name)\": \(reason)" }
}

extension ExtensionError: LocalizedError {
    /// What went wrong, in a sentence for users.
    public var errorDescription: String? { description.asSentence }

    /// What the user can do about it.
    public var recoverySuggestion: String? {
        switch code {
        case .nameTaken, .badName: "Give the extension another name."
        default: nil
        }
    }
}
