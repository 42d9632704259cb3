// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What a session has to know of one torrent to bring it back without opening its metainfo, its journal or its files.
package struct CatalogueEntry: Hashable, Sendable {
    /// How the torrent stood, and how it is to be treated.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }

        /// Every piece was verified and stored.
        package static let complete = Flags(rawValue: 1)
        /// The user had stopped it.
        package static let paused = Flags(rawValue: 2)
        /// Its files are never changed.
        package static let readOnly = Flags(rawValue: 4)
        /// It shows pieces one by one (BEP 16).
        package static let superSeeding = Flags(rawValue: 8)
        /// Pieces are fetched from the first to the last.
        package static let inOrder = Flags(rawValue: 16)
        /// Files take their room at once.
        package static let preallocated = Flags(rawValue: 32)
        /// Nothing is fetched from web seeds (BEP 19).
        package static let withoutWebSeeds = Flags(rawValue: 64)
        /// It may take the place of other files, until it is complete.
        package static let overwritesFiles = Flags(rawValue: 128)
        /// Its metadata is known and does not say that it is private (BEP 27).
        package static let `public` = Flags(rawValue: 256)
    }

    package var hashes: InfoHashes
    package var name: String
    /// Where its files are; nil: in the session's folder.
    package var folder: String?
    /// The link it came by, until its metadata is saved; nil from then on.
    package var magnet: String?
    package var flags: Flags
    /// Wanted bytes, padding not counted; 0 before the metadata is known.
    package var totalBytes = 0
    /// 0 before the metadata is known.
    package var pieceCount = 0
    /// Announce URLs by tier, further ones of the user included.
    package var trackers: [[String]] = []
    /// How much each file is wanted, where that is not as usual.
    package var filePriorities: [Int: UInt8] = [:]
    /// The only files that are wanted, by path, until the metadata is known.
    package var onlyPaths: [String] = []
    /// Trackers that have not been told of the completion yet, by announce URL.
    package var untoldCompletion: [String] = []

    package init(hashes: InfoHashes, name: String, flags: Flags = []) {
        self.hashes = hashes
        self.name = name
        self.flags = flags
    }
}
