// SPDX-License-Identifier: Apache-2.0

public import RucheWire
internal import Synchronization

/// A torrent's files below a folder.
///
/// To download, everything is opened name by name from the folder's handle, through no symbolic link, so that nothing
/// outside of it is ever read or written, whatever somebody plants there (a link that the torrent itself holds included,
/// BEP 47). To read only, the user's own links are followed.
///
/// A file that is there already is written to only once it is known to be the torrent's: this store made it, or `claim`
/// found something right in it. The store knows the files that it has opened by their inodes, not by their names alone: one
/// that is removed, cut or replaced meanwhile is told by `takeNotices` and never called finished.
///
/// A file that is not complete has `.part` after its name until `finish(file:)`. A file that is not wanted is not made: what
/// wanted pieces hold of it goes to the parts file, and moves out once the file is wanted.
///
/// Locks, outermost first: `access` (shared for transfers, alone for moves), a file's gate (its making, opening and
/// renaming), `state` (never held during I/O).
public final class FileStore: PieceStore, FileLocating, Selecting, Moving, Removing, Claiming {
    /// The torrent.
    public let info: TorrentInfo
    /// How it is kept.
    public let options: FileStoreOptions

    let layout: FileLayout
    let partsLayout: PartsLayout
    let access = ReadWriteLock()
    let state: Mutex<State>
    private let gates: [Gate]

    /// What changes.
    struct State {
        /// The chosen folder; nil while closed.
        var root: Descriptor?
        /// The chosen folder, as the user writes it.
        var rootPath: String
        /// What files are called there.
        var names: FileNames
        /// One flag set a file.
        var files: [FileFlags]
        /// Open files.
        var cache: DescriptorCache
        /// The parts file, where it is open.
        var parts: Descriptor?
        /// What the next flush has to see to.
        var unflushed = Unflushed()
        /// Which file each of those is that were opened.
        var identities: [Int: FileIdentity] = [:]
        /// Inodes of the files that we made, also in an earlier life.
        var made: [Int: UInt64] = [:]
        /// What an earlier life noted of files that were not looked at yet: those that have changed since are not taken for
        /// ours by their inodes, which the system gives away again.
        var noted: [Int: FileFacts] = [:]
        /// Told of each file that is made, before it has its name.
        var onMade: (@Sendable (_ file: Int, _ inode: UInt64) throws(StorageError) -> Void)?
        /// How often each file was lost.
        var lossCounts: [Int: Int] = [:]
        /// What nobody was told of yet.
        var notices: [StoreNotice] = []
    }

    /// What is known of a file without asking the disk.
    struct FileFlags: OptionSet {
        let rawValue: UInt8
        /// Not to be downloaded.
        static let isSkipped = FileFlags(rawValue: 1)
        /// Written to since the last flush.
        static let isUnflushed = FileFlags(rawValue: 2)
        /// What is there under its name is the torrent's.
        static let isOurs = FileFlags(rawValue: 4)
        /// What is there under its name is not the torrent's, and left alone: nobody wants the file.
        static let isAvoided = FileFlags(rawValue: 8)
    }

    /// Written or made since the last flush.
    struct Unflushed {
        /// Files, in no order; each has its flag.
        var files: [Int] = []
        /// Folders that have new or other names in them, below the chosen one.
        var folders: Set<ExactPath> = []
        /// The parts file.
        var parts = false
    }

    private final class Gate: Sendable {
        let mutex = Mutex(())
    }

    /// Opens `folder`, to which the torrent's paths are relative; made if need be, except for reading only.
    ///
    /// - Throws: `StorageError` where the folder cannot be opened or made.
    public init(_ info: TorrentInfo, in folder: String, options: FileStoreOptions = .init()) throws(StorageError) {
        self.info = info
        self.options = options
        layout = FileLayout(info)
        partsLayout = PartsLayout(layout)
        let names = FileNames(info)
        gates = (0..<StorageLimits.gates).map { _ in Gate() }
        state = Mutex(
            State(
                rootPath: folder,
                names: names,
                files: Array(repeating: [], count: info.files.count),
                cache: DescriptorCache(limit: options.limits.openFiles)
            )
        )
        // Where nothing is written there is nothing of ours to pass for.
        if options.access == .download, names.isReserved(info.name) {
            throw StorageError(
                .permission,
                operation: "open",
                path: folder,
                reason: "\(info.name) is a name of our own"
            )
        }
        if options.access == .download {
            try naming("make", folder) { () throws(SystemError) in try Descriptor.makeFolders(path: folder) }
        }
        let made = try makeNames(in: root())
        state.withLock { $0.names = made }
    }

    /// What the torrent's files are called in `root`.
    func makeNames(in root: Descriptor) throws(StorageError) -> FileNames {
        try naming("examine", folder) { () throws(SystemError) in
            try FileNames(info, in: root, mayWrite: options.access == .download)
        }
    }

    /// What files are called in the chosen folder.
    var names: FileNames { state.withLock { $0.names } }

    /// The folder that the torrent's paths are relative to.
    public var folder: String { state.withLock { $0.rootPath } }

    /// All but `readAtOnce`, which every store has a say in.
    public var abilities: StoreAbilities {
        var abilities = StoreAbilities()
        (abilities.files, abilities.selection, abilities.moving) = (self, self, self)
        (abilities.removal, abilities.claims) = (self, self)
        return abilities
    }

    /// Forgets every open file, and which files they were; later calls open again.
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

    /// Runs `body` while nobody else makes, opens or renames `file`.
    func gated<R: Sendable>(_ file: Int, _ body: () throws(StorageError) -> R) throws(StorageError) -> R {
        try gates[file % gates.count].mutex.withLock { _ throws(StorageError) in try body() }
    }

    /// Refuses where nothing may be changed.
    func requireWritable(_ operation: StaticString) throws(StorageError) {
        guard options.access != .readOnly else {
            throw StorageError(
                .permission,
                operation: operation.description,
                path: folder,
                reason: "opened to read only"
            )
        }
    }
}
