// SPDX-License-Identifier: Apache-2.0

/// How a `FileStore` keeps a torrent.
public struct FileStoreOptions: Hashable, Sendable {
    /// What the store may do to the files.
    public enum Access: Hashable, Sendable {
        /// Create, write and rename files; incomplete files have a suffix.
        case download
        /// Read existing files, complete or not, also through symbolic links; never change anything on disk.
        case readOnly
    }

    /// When disk space is allocated to a file.
    public enum Allocation: Hashable, Sendable {
        /// As its bytes arrive.
        case sparse
        /// In advance, if the file system can.
        case preallocated
    }

    /// What the store may do to the files.
    public var access = Access.download
    /// When disk space is allocated to a file.
    public var allocation = Allocation.sparse
    /// Whether existing files that are not the torrent's may be overwritten.
    public var overwritesFiles = false
    /// The limits of this store.
    package var limits = StorageLimits()

    /// Options for a download with sparse files.
    public init() {}

    /// Options for seeding existing files without changing anything.
    public static var readOnly: FileStoreOptions {
        var options = FileStoreOptions()
        options.access = .readOnly
        return options
    }
}
