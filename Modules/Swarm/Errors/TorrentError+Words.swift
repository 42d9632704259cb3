// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension TorrentError: LocalizedError {
    /// What went wrong, in a sentence for users.
    public var errorDescription: String? { storage?.errorDescription ?? reason.asSentence }

    /// What the user can do about it.
    public var recoverySuggestion: String? {
        switch code {
        case .storage: storage?.recoverySuggestion
        case .notWanted: "Give the file a priority."
        case .notReady: "Try again once the torrent is open."
        case .contradiction, .metadata: "Get the torrent from another source."
        case .noSuchFile: "Look at the list of the torrent's files."
        default: nil
        }
    }
}

extension String {
    /// The text with a capital letter and a full stop.
    var asSentence: String { prefix(1).uppercased() + dropFirst() + "." }
}
