// SPDX-License-Identifier: Apache-2.0

/// Named limits of this module.
package struct StorageLimits: Hashable, Sendable {
    /// Files that one torrent keeps open.
    package var openFiles = 64
    /// Bytes of a journal that are read; a longer one was not written by us.
    package var journalBytes = 256 << 20
    /// Minimum number of bytes that a journal grows by before it is compacted.
    package var journalGrowthBytes = 1 << 20

    /// The values above suit torrents of any size on a desktop or server.
    package init() {}

    /// Chunks in one gather write.
    static let gatherCount = 256
    /// Locks that serialise creating and renaming one torrent's files.
    static let gates = 16
    /// Bytes copied at a time between files.
    static let copyBytes = 1 << 20
    /// Bytes in one journal record: enough for three bitfields of the largest torrent.
    static let recordBytes = 4 << 20
    /// Pieces of content that grows, in a journal.
    static let grownPieces = 8 << 20
    /// File facts in one journal record.
    static let factsPerRecord = 16_384
    /// Attempts at taking a lock, 10 ms apart.
    static let lockAttempts = 30
    /// Times that one file may be lost during writing before it becomes a lasting error.
    static let lossesPerFile = 3
    /// Notices that have not been taken yet.
    static let notices = 1024
    /// Bytes in a file name; all current file systems allow this many.
    static let nameBytes = 255
}
