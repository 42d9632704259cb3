// SPDX-License-Identifier: Apache-2.0

public import RucheStorage

/// Why a torrent cannot go on, or could not be added.
public struct TorrentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; the set may grow.
    public struct Code: Hashable, Sendable {
        private enum Kind: Hashable { case storage, duplicate, contradiction, metadata, removed, limit, noSuchFile }
        private let kind: Kind
        /// The disk; see `storage`.
        public static let storage = Code(kind: .storage)
        /// The session has this torrent already.
        public static let duplicate = Code(kind: .duplicate)
        /// Its v1 and v2 hashes describe different data.
        public static let contradiction = Code(kind: .contradiction)
        /// Its metadata is right by its hash, and no torrent.
        public static let metadata = Code(kind: .metadata)
        /// It has been removed from its session, or the session has ended.
        public static let removed = Code(kind: .removed)
        /// A named limit was reached.
        public static let limit = Code(kind: .limit)
        /// A path that was named is not among its files.
        public static let noSuchFile = Code(kind: .noSuchFile)
    }

    /// The kind.
    public let code: Code
    /// For a person.
    public let reason: String
    /// What the disk said.
    public let storage: StorageError?

    /// An error from its parts.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
        storage = nil
    }

    /// The disk failed.
    public init(_ error: StorageError) {
        code = .storage
        reason = error.description
        storage = error
    }

    /// The reason.
    public var description: String { reason }
}
