// SPDX-License-Identifier: Apache-2.0

/// How a `FileStore` keeps a torrent.
public struct FileStoreOptions: Hashable, Sendable {
    /// What the store may do to the files.
    public enum Access: Hashable, Sendable {
        /// Make, write, rename: incomplete files carry a suffix.
        case download
        /// Read what is there, finished or not, through the user's own symbolic links too; nothing on the disk is ever
        /// changed.
        case readOnly
    }

    /// When a file takes its room on the disk.
    public enum Allocation: Hashable, Sendable {
        /// As its bytes come.
        case sparse
        /// At once, where the file system can.
        case preallocated
    }

    /// What the store may do to the files.
    public var access = Access.download
    /// When a file takes its room on the disk.
    public var allocation = Allocation.sparse
    /// Whether files that are there and not the torrent's may be overwritten.
    public var overwritesFiles = false
    /// Bounds of this store.
    public var limits = StorageLimits()

    /// To download, sparse.
    public init() {}

    /// To seed what is there, changing nothing.
    public static var readOnly: FileStoreOptions {
        var options = FileStoreOptions()
        options.access = .readOnly
        return options
    }
}
