// SPDX-License-Identifier: Apache-2.0

public import RucheWire

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

// Wire does without Foundation, so its errors get their words here.

extension MetainfoError: LocalizedError {
    /// What is wrong with the torrent, in a sentence for a person.
    public var errorDescription: String? {
        code == .notBencode && offset == 0
            ? "This is no torrent file."
            : "The torrent is not usable: \(field) should be \(expected), and is \(found)."
    }

    /// What a person can do about it.
    public var recoverySuggestion: String? { "Get the torrent again, or from another source." }
}

extension MagnetError: LocalizedError {
    /// What is wrong with the link, in a sentence for a person.
    public var errorDescription: String? {
        switch code {
        case .notMagnet: "This is no magnet link: it does not begin with magnet:?."
        case .noHash: "The magnet link names no torrent."
        case .conflict: "The magnet link names two torrents."
        default: "The magnet link is not usable: it should have \(expected), and has \(found)."
        }
    }

    /// What a person can do about it.
    public var recoverySuggestion: String? { "Copy the whole link again." }
}

extension BencodeError: LocalizedError {
    /// What is wrong with the bytes, in a sentence for a person.
    public var errorDescription: String? {
        "The data is damaged at byte \(offset): it should be \(expected), and is \(found)."
    }
}

extension PeerProtocolError: LocalizedError {
    /// What a peer did wrong, in a sentence for a person.
    public var errorDescription: String? { "A peer sent something unreadable (\(message): \(code))." }
}

extension TrackerError: LocalizedError {
    /// What is wrong with the tracker's answer, in a sentence for a person.
    public var errorDescription: String? {
        code == .refused ? "The tracker refuses: \(found)" : "The tracker cannot be used: \(code)."
    }
}
