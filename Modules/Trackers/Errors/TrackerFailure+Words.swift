// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension TrackerStatus {
    /// What it says, or what is wrong with it, in a sentence for a person; nil where all is well.
    public var words: String? { lastFailure?.errorDescription ?? warning.map { "The tracker warns: \($0)" } }
}

extension TrackerFailure: LocalizedError {
    /// What went wrong, in a sentence for a person. A tracker that refuses is quoted.
    public var errorDescription: String? {
        code == .refused ? "The tracker refuses: \(message)" : "The tracker cannot be used: \(message)."
    }

    /// What a person can do about it.
    public var recoverySuggestion: String? {
        switch code {
        case .unfitURL: "Correct the tracker's address: it begins with http://, https:// or udp://."
        case .lookup: "Look for a mistake in the tracker's name."
        default: nil
        }
    }
}
