// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What a session must know to restore a torrent without opening its metainfo, journal or files.
package struct CatalogueEntry: Hashable, Sendable {
    /// The torrent's state and options.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }

        /// Every piece was verified and stored.
        package static let complete = Flags(rawValue: 1)
        /// The user stopped the torrent.
        package static let paused = Flags(rawValue: 2)
        /// The torrent's files are never changed.
        package static let readOnly = Flags(rawValue: 4)
        /// The torrent advertises pieces one by one (BEP 16).
        package static let superSeeding = Flags(rawValue: 8)
        /// Pieces are fetched in order.
        package static let inOrder = Flags(rawValue: 16)
        /// Disk space for files is allocated in advance.
        package static let preallocated = Flags(rawValue: 32)
        /// Web seeds are not used (BEP 19).
        package static let withoutWebSeeds = Flags(rawValue: 64)
        /// The torrent may overwrite other files until it is complete.
        package static let overwritesFiles = Flags(rawValue: 128)
        /// The metadata is known and does not mark the torrent as private (BEP 27).
        package static let `public` = Flags(rawValue: 256)
    }

    package var hashes: InfoHashes
    package var name: String
    /// The folder of the torrent's files; nil for the session's folder.
    package var folder: String?
    /// The magnet link that added the torrent; nil once its metadata is saved.
    package var magnet: String?
    package var flags: Flags
    /// The number of wanted bytes without padding; 0 before the metadata is known.
    package var totalBytes = 0
    /// The number of pieces; 0 before the metadata is known.
    package var pieceCount = 0
    /// Announce URLs by tier, including those added by the user.
    package var trackers: [[String]] = []
    /// The priorities of files that differ from the normal one, by file index.
    package var filePriorities: [Int: UInt8] = [:]
    /// The paths of the only wanted files, used until the metadata is known.
    package var onlyPaths: [String] = []
    /// The announce URLs of trackers that have not yet been told of the completion.
    package var untoldCompletion: [String] = []

    package init(hashes: InfoHashes, name: String, flags: Flags = []) {
        self.hashes = hashes
        self.name = name
        self.flags = flags
    }
}
