// SPDX-License-Identifier: Apache-2.0

public import RucheStorage
internal import RucheTransport
internal import RucheWire

/// Why a torrent cannot continue, or an operation on it failed.
public struct TorrentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of error. The set is open: switch with a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The kind in words.
        public let description: String

        /// The disk reported an error; see `storage`.
        public static let storage = Self(description: "disk")
        /// The session already has this torrent; see `torrent`.
        public static let duplicate = Self(description: "duplicate")
        /// The torrent's v1 and v2 hashes describe different data.
        public static let contradiction = Self(description: "contradiction")
        /// The metadata matches its hash, but is not a valid torrent.
        public static let metadata = Self(description: "unusable metadata")
        /// The metadata, or the state of the files, is not known yet.
        public static let notReady = Self(description: "not ready")
        /// The torrent has been removed from its session.
        public static let removed = Self(description: "removed")
        /// The session has been shut down.
        public static let sessionEnded = Self(description: "session ended")
        /// A named limit was reached.
        public static let limit = Self(description: "limit reached")
        /// A given path is not among the torrent's files.
        public static let noSuchFile = Self(description: "no such file")
        /// The requested data is not wanted, so it is not downloaded.
        public static let notWanted = Self(description: "not wanted")
        /// The .torrent file cannot be read or parsed.
        public static let torrentFile = Self(description: "unusable torrent file")
        /// Anything else.
        public static let other = Self(description: "unexpected error")
    }

    /// The kind of error.
    public let code: Code
    /// What is wrong, as a sentence without capital and full stop.
    public let reason: String
    /// The error that the disk reported.
    public let storage: StorageError?
    /// For `duplicate`: the torrent that the session already has.
    public let torrent: Torrent?

    /// `reason` is a sentence without capital and full stop.
    package init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
        storage = nil
        torrent = nil
    }

    /// The session already has `torrent`.
    init(duplicate torrent: Torrent) {
        code = .duplicate
        reason = "the session already has this torrent: \(torrent.hashes.wireHashes[0])"
        storage = nil
        self.torrent = torrent
    }

    /// Converts an error of the disk.
    package init(_ error: StorageError) {
        code = .storage
        reason = error.description
        storage = error
        torrent = nil
    }

    /// Converts any error.
    init(_ error: any Error) {
        switch error {
        case let error as TorrentError: self = error
        case let error as StorageError: self.init(error)
        case let error as TransportError where error.code == .stopped:
            self.init(.sessionEnded, "the session has been shut down")
        case let error as TransportError where error.code == .limit:
            self.init(.limit, "too much work is waiting")
        case is CancellationError: self.init(.removed, "the torrent was stopped meanwhile")
        default: self.init(.other, "\(error)")
        }
    }

    /// The reason.
    public var description: String { reason }
}
