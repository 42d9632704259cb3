// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension StorageError: LocalizedError {
    /// What went wrong, in a sentence for users.
    public var errorDescription: String? { "Cannot \(operation) \(path.escapedForDisplay): \(cause)." }

    /// What the user can do about it.
    public var recoverySuggestion: String? {
        switch code {
        case .diskFull: "Free some space on the disk; the torrent then continues by itself."
        case .permission: "Allow access to it, or choose another folder."
        case .readOnlyDisk: "Choose a folder on another disk."
        case .diskGone: "Connect the disk again; the torrent then continues by itself."
        case .missing: "Put it back, or check again what is there."
        case .changed: "Put the old file back, or choose another folder."
        case .occupied: "Move it away, or choose another folder."
        case .lost: "It will be downloaded again."
        case .notADirectory: "Choose a folder that can be reached without links."
        case .nameTooLong, .fileTooLong: "Choose a folder on a disk that allows it."
        case .tooManyOpenFiles: "Close other programs, or allow more open files."
        case .inUse: "Quit the other program that uses it."
        case .corrupt: "Delete it, and check the files again."
        default: nil
        }
    }

    /// The reason in words for users. The system's own words are for logs.
    private var cause: String {
        guard errno != nil else { return reason }
        return switch code {
        case .diskFull: "there is no room left on the disk"
        case .permission: "access is refused"
        case .readOnlyDisk: "the disk is read-only"
        case .missing: "it does not exist"
        case .notADirectory: "it, or a folder that contains it, is a symbolic link or not a folder"
        case .nameTooLong: "its name is too long for this disk"
        case .fileTooLong: "it is too long for this disk"
        case .diskGone: "the disk is not available"
        case .tooManyOpenFiles: "too many files are open"
        case .occupied: "something else is in its place"
        case .inUse: "another program is using it"
        default: "the disk reports an error"
        }
    }
}

extension TorrentCreationError: LocalizedError {
    /// What went wrong, in a sentence for users.
    public var errorDescription: String? { "Cannot make a torrent of \(path.escapedForDisplay): \(reason)." }

    /// What the user can do about it.
    public var recoverySuggestion: String? {
        switch code {
        case .unreadable: "Allow access to it, or leave it out."
        case .changed: "Try again when no program is writing to it."
        case .invalidName: "Rename it."
        default: nil
        }
    }
}
