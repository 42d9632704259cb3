// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension TrackerStatus {
    /// The tracker's failure or warning, in a sentence for users; nil if all is well.
    public var words: String? { lastFailure?.errorDescription ?? warning.map { "The tracker warns: \($0)" } }
}

extension TrackerError: LocalizedError {
    /// What went wrong, in a sentence for users. A tracker that refuses is quoted.
    public var errorDescription: String? {
        code == .refused ? "The tracker refuses: \(message)" : "The tracker cannot be used: \(message)."
    }

    /// What the user can do about it.
    public var recoverySuggestion: String? {
        switch code {
        case .unfitURL: "Correct the tracker's address: it begins with http://, https:// or udp://."
        case .lookup: "Look for a mistake in the tracker's name."
        default: nil
        }
    }
}
