// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Why a torrent could not be created.
public struct TorrentCreationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error. The set is open: switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// A file or folder cannot be read.
        public static let unreadable = Self(description: "unreadable")
        /// A file changed while it was being read.
        public static let changed = Self(description: "changed")
        /// A file's name is not UTF-8, or the torrent's name is not allowed.
        public static let invalidName = Self(description: "invalid name")
        /// A link leads out of the folder or nowhere, or an entry is not a file, folder or link.
        public static let unsupportedEntry = Self(description: "unsupported entry")
        /// There are no bytes to share.
        public static let empty = Self(description: "empty")
        /// The piece length is not allowed.
        public static let pieceLength = Self(description: "piece length")
        /// Too many files, too many pieces, or too deep a folder.
        public static let limit = Self(description: "limit reached")
    }

    /// The kind of error.
    public let code: Code
    /// The path concerned, for the user.
    public let path: String
    /// What is wrong, in words.
    public let reason: String

    init(_ code: Code, path: String, reason: String) {
        self.code = code
        self.path = path
        self.reason = reason
    }

    init(_ error: StorageError) {
        self.init(error.code == .changed ? .changed : .unreadable, path: error.path, reason: error.reason)
    }

    /// One line for logs.
    public var description: String { "cannot make a torrent of \(path.escapedForDisplay): \(reason)" }
}
