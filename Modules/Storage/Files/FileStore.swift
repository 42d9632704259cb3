// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Stores a torrent as files below a folder.
///
/// For a download, every path is opened name by name from the folder's descriptor without following symbolic links, so
/// nothing outside the folder is ever read or written, whatever links others or the torrent itself (BEP 47) place
/// there. In read-only mode, the user's own links are followed.
///
/// An existing file is written to only once it is known to be the torrent's: this store created it, or `claim` found
/// correct data in it. The store identifies opened files by inode, not only by name: a file that is removed, truncated
/// or replaced is reported by `takeNotices` and never counts as finished.
///
/// An incomplete file has the suffix `.part` until `finish(file:)`. An unwanted file is not created: its share of
/// wanted pieces goes to the parts file, and moves to the file once it is wanted.
///
/// Locks, outermost first: `access` (shared for transfers, exclusive for moves), a file's gate (creating, opening and
/// renaming it), `state` (never held during I/O).
public final class FileStore: PieceStore, FileLocating, Selecting, Moving, Removing, Claiming {
    /// The torrent.
    package let info: TorrentInfo
    /// How the torrent is stored.
    package let options: FileStoreOptions

    let layout: FileLayout
    let partsLayout: PartsLayout
    let access = ReadWriteLock()
    let state: Locked<State>
    private let gates: [Gate]

    /// The mutable state.
    struct State {
        /// The chosen folder; nil while closed.
        var root: Descriptor?
        /// The path of the chosen folder, as the user wrote it.
        var rootPath: String
        /// The file names in that folder.
        var names: FileNames
        /// The flags of each file.
        var files: [FileFlags]
        /// The cache of open files.
        var cache: DescriptorCache
        /// The parts file, if it is open.
        var parts: Descriptor?
        /// What the next flush must include.
        var unflushed = Unflushed()
        /// The identity of each file that was opened.
        var identities: [Int: FileIdentity] = [:]
        /// The inodes of the files that this store created, also in earlier processes.
        var made: [Int: UInt64] = [:]
        /// What an earlier process recorded about files that have not been examined yet. A file that has changed since
        /// is not taken for ours by its inode, because the system reuses inodes.
        var noted: [Int: FileFacts] = [:]
        /// Called for each created file, before it gets its name.
        var onMade: (@Sendable (_ file: Int, _ inode: UInt64) throws(StorageError) -> Void)?
        /// How often each file was lost.
        var lossCounts: [Int: Int] = [:]
        /// Notices that have not been taken yet.
        var notices: [StoreNotice] = []
    }

    /// What is known of a file without querying the disk.
    struct FileFlags: OptionSet {
        let rawValue: UInt8
        /// The file is unwanted.
        static let isSkipped = FileFlags(rawValue: 1)
        /// The file was written to since the last flush.
        static let isUnflushed = FileFlags(rawValue: 2)
        /// What exists under the file's name is the torrent's.
        static let isOurs = FileFlags(rawValue: 4)
        /// What exists under the file's name is not the torrent's, and is ignored while the file is unwanted.
        static let isAvoided = FileFlags(rawValue: 8)
        /// The file was too short when it was claimed, and has not been written to since.
        static let isShort = FileFlags(rawValue: 16)
    }

    /// What was written or created since the last flush.
    struct Unflushed {
        /// Files, unordered; each has `isUnflushed` set.
        var files: [Int] = []
        /// Folders below the chosen one in which names were added or changed.
        var folders: Set<ExactPath> = []
        /// Whether the parts file is among them.
        var parts = false
    }

    private final class Gate: Sendable {
        let mutex = Locked(())
    }

    /// Opens `folder`, which the torrent's paths are relative to. It is created if needed, except in read-only mode.
    ///
    /// - Throws: `StorageError` if the folder cannot be opened or created.
    public init(_ info: TorrentInfo, in folder: String, options: FileStoreOptions = .init()) throws(StorageError) {
        self.info = info
        self.options = options
        layout = FileLayout(info)
        partsLayout = PartsLayout(layout)
        let names = FileNames(info)
        gates = (0..<StorageLimits.gates).map { _ in Gate() }
        state = Locked(
            State(
                rootPath: folder,
                names: names,
                files: Array(repeating: [], count: info.files.count),
                cache: DescriptorCache(limit: options.limits.openFiles)
            )
        )
        // Where nothing is written, none of our own files can be mistaken.
        if options.access == .download, names.isReserved(info.name) {
            throw StorageError(
                .permission,
                operation: "open",
                path: folder,
                reason: "\(info.name) is reserved for Ruche's own files"
            )
        }
        if options.access == .download {
            try naming("make", folder) { () throws(SystemError) in try Descriptor.makeFolders(path: folder) }
        }
        let made = try makeNames(in: root())
        state.withLock { $0.names = made }
    }

    /// Chooses the names of the torrent's files in `root`.
    func makeNames(in root: Descriptor) throws(StorageError) -> FileNames {
        try naming("examine", folder) { () throws(SystemError) in
            try FileNames(info, in: root, mayWrite: options.access == .download)
        }
    }

    /// The file names in the chosen folder.
    var names: FileNames { state.withLock { $0.names } }

    /// The folder that the torrent's paths are relative to.
    public var folder: String { state.withLock { $0.rootPath } }

    /// All abilities except vouching.
    public var abilities: StoreAbilities {
        var abilities = StoreAbilities()
        (abilities.files, abilities.selection, abilities.moving) = (self, self, self)
        (abilities.removal, abilities.claims) = (self, self)
        return abilities
    }

    /// Closes every open file and forgets the identities of files; later calls reopen them.
    public func close() {
        let closing = state.withLock { state in
            defer {
                state.root = nil
                state.parts = nil
                state.identities = [:]
            }
            return state.cache.removeAll() + [state.root, state.parts].compactMap(\.self)
        }
        _ = closing
    }

    /// Runs `body` while no other thread creates, opens or renames `file`.
    func gated<R: Sendable>(_ file: Int, _ body: () throws(StorageError) -> R) throws(StorageError) -> R {
        try gates[file % gates.count].mutex.withLock { _ throws(StorageError) in try body() }
    }

    /// Throws in read-only mode.
    func requireWritable(_ operation: StaticString) throws(StorageError) {
        guard options.access != .readOnly else {
            throw StorageError(
                .permission,
                operation: operation.description,
                path: folder,
                reason: "it was opened read-only"
            )
        }
    }
}
