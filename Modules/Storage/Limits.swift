// SPDX-License-Identifier: Apache-2.0

/// Named limits of this module.
public struct StorageLimits: Hashable, Sendable {
    /// Files that one torrent holds open.
    public var openFiles = 64
    /// Bytes of a journal that are read; what is longer was not written by us.
    public var journalBytes = 256 << 20
    /// Bytes by which a journal grows, at the least, before it is compacted.
    public var journalGrowthBytes = 1 << 20

    /// The defaults.
    public init() {}

    /// Chunks in one gather write.
    static let gatherCount = 256
    /// Locks that order the making and renaming of one torrent's files.
    static let gates = 16
    /// Bytes copied at a time between files.
    static let copyBytes = 1 << 20
    /// Bytes in one journal record: three bitfields of the largest torrent, and more.
    static let recordBytes = 4 << 20
    /// File facts in one journal record.
    static let factsPerRecord = 16_384
    /// Times that a lock is asked for, 10 ms apart.
    static let lockAttempts = 30
    /// Times that one file may be lost while it is written before that is an error.
    static let lossesPerFile = 3
    /// Things noticed and not told yet.
    static let notices = 1024
    /// Bytes in a file name, on every system of today.
    static let nameBytes = 255
}
