// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// A store that has just been opened, and what its resume state says of its pieces.
struct OpenedStore: Sendable {
    let store: any PieceStore
    /// The same store, if it is one of ours.
    private let files: FileStore?
    /// Nil if the store keeps its own resume state, or nothing may be written.
    let journal: ResumeJournal?
    /// Pieces that need no check.
    let trusted: Bitfield
    /// Pieces that must be verified before they are claimed or downloaded.
    let unknown: Bitfield

    /// Blocks; call it on the pool.
    init(
        _ info: TorrentInfo,
        _ options: AddOptions,
        _ folder: String,
        _ stateFolder: String?,
        _ priorities: [FetchPriority],
        openFileLimit: Int,
        isExpectedWhole: Bool
    ) throws(StorageError) {
        let count = info.geometry.pieceCount
        let everything = Bitfield(count: count, allSet: true)
        if let makeStore = options.makeStore {
            store = try makeStore(info)
            files = nil
            journal = nil
            var (vouched, doubted) = (Bitfield(count: count), everything)
            if !options.isRechecked, let pieces = try store.abilities.vouching?.vouchedPieces() {
                for piece in pieces.indices where piece.int < count {
                    vouched.insert(piece)
                    doubted.remove(piece)
                }
            }
            (trusted, unknown) = (vouched, doubted)
            return
        }
        let files = try FileStore(info, in: folder, options: Self.fileOptions(options, openFileLimit))
        store = files
        self.files = files
        // What a state folder outside of the data remembers does not change the data.
        if options.isReadOnly, stateFolder == nil {
            journal = nil
            trusted = Bitfield(count: count)
            unknown = everything
            return
        }
        for (file, priority) in priorities.enumerated() where priority == .skip && !isExpectedWhole {
            try files.setWanted(false, file: file)
        }
        let opened = try ResumeJournal.open(
            stateFolder.map { StateFolder.journalPath(in: $0, hashes: info.hashes) }
                ?? StateFolder.journalPath(downloads: folder, hashes: info.hashes),
            for: ResumeIdentity(info),
            changed: { files.changedPieces(since: $0) }
        )
        journal = opened
        let state = opened.state
        files.recall(state) { file, inode throws(StorageError) in
            try opened.append(made: file, inode: inode)
        }
        let mustCheckAll = options.isRechecked || state.isFresh
        trusted = mustCheckAll ? Bitfield(count: count) : state.verified
        unknown = mustCheckAll ? everything : try files.piecesToCheck(since: state)
    }

    private static func fileOptions(_ options: AddOptions, _ openFileLimit: Int) -> FileStoreOptions {
        var fileOptions = options.isReadOnly ? FileStoreOptions.readOnly : FileStoreOptions()
        fileOptions.limits.openFiles = min(fileOptions.limits.openFiles, openFileLimit)
        fileOptions.allocation = options.isPreallocated ? .preallocated : .sparse
        fileOptions.overwritesFiles = options.overwritesFiles
        return fileOptions
    }

    /// Claims the files that hold `have`, and creates the missing ones unless all should be there. Afterwards, only files that
    /// belong to the torrent are written to. Blocks; call it on the pool.
    ///
    /// - Throws: `StorageError`; `CancellationError` once `isUnwanted` is raised.
    func settle(
        _ have: Bitfield,
        _ options: AddOptions,
        isExpectedWhole: Bool,
        isUnwanted: RaisedFlag
    ) throws {
        try store.abilities.claims?.claim(have)
        guard !options.isReadOnly, !isExpectedWhole else { return }
        guard try files?.createSkeleton(isUnwanted: { isUnwanted.isRaised }) ?? true else { throw CancellationError() }
    }

    /// Notes the result of a check in the journal.
    nonisolated(nonsending) func note(
        found: Bitfield,
        lost checked: Bitfield,
        on runtime: TransportRuntime
    ) async throws {
        guard let journal else { return }
        try await runtime.blocking.perform {
            try journal.append(lost: checked.indices.filter { !found[$0] })
            try journal.append(verified: found.indices)
        }
    }
}
