// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
public import Foundation
#endif

extension HTTPError: LocalizedError {
    /// What went wrong, in a sentence for users.
    package var errorDescription: String? { "The server cannot be used: \(message)." }

    /// What the user can do about it.
    package var recoverySuggestion: String? {
        switch code {
        case .unfitURL: "Correct the address: it begins with http:// or https://."
        case .lookup: "Look for a mistake in the server's name."
        case .security: "Ask who runs the server: its certificate is not valid for this name."
        default: nil
        }
    }
}
