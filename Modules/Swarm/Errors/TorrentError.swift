// SPDX-License-Identifier: Apache-2.0

public import RucheStorage
internal import RucheTransport
internal import RucheWire

/// Why a torrent cannot go on, or what was asked of it could not be done.
public struct TorrentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind; an open set, so switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The disk; see `storage`.
        public static let storage = Self(description: "disk")
        /// The session has this torrent already; see `torrent`.
        public static let duplicate = Self(description: "duplicate")
        /// The torrent's v1 and v2 hashes describe different data.
        public static let contradiction = Self(description: "contradiction")
        /// The metadata is right by its hash, and no torrent.
        public static let metadata = Self(description: "unusable metadata")
        /// The metadata, or what is on the disk, is not known yet.
        public static let notReady = Self(description: "not ready")
        /// The torrent has been removed from its session.
        public static let removed = Self(description: "removed")
        /// The session has been shut down.
        public static let sessionEnded = Self(description: "session ended")
        /// A named limit was reached.
        public static let limit = Self(description: "limit reached")
        /// A path that was named is not among the torrent's files.
        public static let noSuchFile = Self(description: "no such file")
        /// What was to be read is not wanted, so it is not downloaded.
        public static let notWanted = Self(description: "not wanted")
        /// A .torrent file that cannot be read, or is none.
        public static let torrentFile = Self(description: "unusable torrent file")
        /// Anything else.
        public static let other = Self(description: "unexpected error")
    }

    /// The kind.
    public let code: Code
    /// What is wrong, in the words of a sentence without its full stop.
    public let reason: String
    /// What the disk said.
    public let storage: StorageError?
    /// For `duplicate`: the torrent that the session has already.
    public let torrent: Torrent?

    /// An error from its parts.
    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
        storage = nil
        torrent = nil
    }

    /// The session has `torrent` already.
    init(duplicate torrent: Torrent) {
        code = .duplicate
        reason = "the session has this torrent already: \(torrent.hashes.wireHashes[0])"
        storage = nil
        self.torrent = torrent
    }

    /// The disk failed.
    public init(_ error: StorageError) {
        code = .storage
        reason = error.description
        storage = error
        torrent = nil
    }

    /// Any error as one of a torrent.
    init(_ error: any Error) {
        switch error {
        case let error as TorrentError: self = error
        case let error as StorageError: self.init(error)
        case let error as TransportError where error.code == .stopped:
            self.init(.sessionEnded, "the session has been shut down")
        case let error as TransportError where error.code == .limit:
            self.init(.limit, "too much work waits already")
        case is CancellationError: self.init(.removed, "the torrent was stopped meanwhile")
        default: self.init(.other, "\(error)")
        }
    }

    /// The reason.
    public var description: String { reason }
}
