// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension DHTError: LocalizedError {
    /// What went wrong, in a sentence for users.
    public var errorDescription: String? {
        switch code {
        case .noNodes: "No node of the DHT answers."
        case .notFound: "The DHT does not have it."
        case .notStored: "No node of the DHT stored it."
        case .conflict, .outdated: "Another version is stored in the DHT: \(message)."
        default: "The DHT cannot be used: \(message)."
        }
    }

    /// What the user can do about it.
    public var recoverySuggestion: String? {
        switch code {
        case .noNodes: "Give the address of a running node, and check that UDP is not blocked."
        case .conflict, .outdated: "Read the item again, and put a version with a higher sequence number."
        default: nil
        }
    }
}
