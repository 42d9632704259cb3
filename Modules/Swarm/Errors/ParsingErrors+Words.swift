// SPDX-License-Identifier: Apache-2.0

public import RucheWire

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

// Wire does not use Foundation, so the sentences for its errors are here.

extension MetainfoError: LocalizedError {
    /// What is wrong with the torrent, in a sentence for users.
    public var errorDescription: String? {
        switch code {
        case .notBencode where offset == 0: "This is not a torrent file."
        case .missing: "The torrent is not usable: \(field) is missing."
        default: "The torrent is not usable: \(field) should be \(expected), but is \(found)."
        }
    }

    /// What the user can do about it.
    public var recoverySuggestion: String? { "Download the torrent file again, or get it elsewhere." }
}

extension MagnetError: LocalizedError {
    /// What is wrong with the link, in a sentence for users.
    public var errorDescription: String? {
        switch code {
        case .notMagnet: "This is not a magnet link: it does not start with magnet:?."
        case .noHash: "The magnet link names no torrent."
        case .conflict: "The magnet link names two torrents."
        default: "The magnet link is not usable: it should have \(expected), but has \(found)."
        }
    }

    /// What the user can do about it.
    public var recoverySuggestion: String? { "Copy the whole link again." }
}

extension BencodeError: LocalizedError {
    /// What is wrong with the data, in a sentence for users.
    public var errorDescription: String? {
        "The data is damaged at byte \(offset): it should be \(expected), but is \(found)."
    }
}

extension PeerProtocolError: LocalizedError {
    /// What a peer did wrong, in a sentence for users.
    package var errorDescription: String? { "A peer sent invalid data (\(message): \(code))." }
}

extension TrackerMessageError: LocalizedError {
    /// What is wrong with the tracker's response, in a sentence for users.
    package var errorDescription: String? {
        code == .refused ? "The tracker refuses: \(found)" : "The tracker cannot be used: \(code)."
    }
}

extension BlockListError: LocalizedError {
    /// What is wrong with the list, in a sentence for users.
    public var errorDescription: String? { "The list of blocked addresses is not usable: \(description)." }

    /// What the user can do about it.
    public var recoverySuggestion: String? { "Use a shorter list, or merge its ranges." }
}
