// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// A torrent's content while it is open: its store, its resume journal, and the priority of each file.
///
/// Owner: `TorrentLifecycle`. All work that blocks is done on the session's blocking pool.
struct OpenContent {
    let info: TorrentInfo
    let layers: [SHA256Digest: [SHA256Digest]]
    let disk: TorrentDisk
    private let journal: ResumeJournal?
    private let runtime: TransportRuntime
    private let scans: ScanPlaces
    private let options: AddOptions
    private let unchoking: UnchokePolicies
    private(set) var filePriorities: [FetchPriority]
    private var have: Bitfield

    /// Opens the store, reads the resume state, and verifies the pieces that it does not vouch for.
    ///
    /// - Parameters:
    ///   - isExpectedWhole: Nothing is made on the disk, because all files should be there.
    ///   - isUnwanted: Once this is raised, the opening ends with `CancellationError`.
    ///   - progress: The share of the check that is done, from 0 to 1; called from any thread.
    /// - Throws: `TorrentError`, `StorageError`, or `CancellationError`. Nothing stays open then.
    nonisolated(nonsending) static func open(
        _ metainfo: Metainfo,
        _ options: AddOptions,
        _ selectedFiles: [ClosedRange<Int>]?,
        _ services: TorrentServices,
        isExpectedWhole: Bool,
        isUnwanted: RaisedFlag,
        progress: @escaping @Sendable (Double) -> Void
    ) async throws -> OpenContent {
        let info = metainfo.info
        let folder = options.folder ?? services.configuration.downloads
        let runtime = services.environment.runtime
        let openFiles = services.environment.openFilesPerTorrent
        // Each of these takes as long as the torrent has files.
        let (opened, judging, priorities) = try await runtime.blocking.perform {
            let priorities = try FileChoice(options, selectedFiles).priorities(in: info)
            let opened = try OpenedStore(
                info,
                options,
                folder,
                services.configuration.stateFolder,
                priorities,
                openFileLimit: openFiles,
                isExpectedWhole: isExpectedWhole
            )
            return (opened, PieceJudging(metainfo, options), priorities)
        }
        do {
            let have = try await findPieces(opened, info, judging.verifier, services, isExpectedWhole, progress)
            if isExpectedWhole, !have.isComplete {
                throw StorageError(.changed, operation: "seed", path: folder, reason: "some of it is gone or changed")
            }
            try await runtime.blocking.perform {
                try opened.settle(have, options, isExpectedWhole: isExpectedWhole, isUnwanted: isUnwanted)
            }
            return OpenContent(metainfo, options, services, opened, judging, priorities, have)
        } catch {
            await letGo(of: opened.store, opened.journal, on: runtime)
            throw error
        }
    }

    /// Returns the pieces that are there: those that the journal vouches for, and those that a check of the others finds.
    private nonisolated(nonsending) static func findPieces(
        _ opened: OpenedStore,
        _ info: TorrentInfo,
        _ verifier: any PieceVerifier,
        _ services: TorrentServices,
        _ isExpectedWhole: Bool,
        _ progress: @escaping @Sendable (Double) -> Void
    ) async throws -> Bitfield {
        var have = opened.trusted
        guard !opened.unknown.isEmpty else { return have.withDataless(info.geometry) }
        let environment = services.environment
        let checker = PieceChecker(info: info, store: opened.store, verifier: verifier, in: environment.scans)
        let report = try await checker.check(opened.unknown) { progress($0.fraction) }
        if let hindrance = report.hindrance { throw hindrance }
        guard report.disagreements.isEmpty else {
            throw TorrentError(.contradiction, "v1 and v2 hashes disagree about piece \(report.disagreements[0])")
        }
        for piece in report.have.indices { have.insert(piece) }
        // What a seed lacks stays in doubt, not lost: its disk may be mounted in a moment.
        let isSeedAtFault = isExpectedWhole && !have.withDataless(info.geometry).isComplete
        if !isSeedAtFault {
            try await opened.note(found: report.have, lost: opened.unknown, on: environment.runtime)
        }
        return have.withDataless(info.geometry)
    }

    /// Closes the store without noting anything: it will be opened again.
    nonisolated(nonsending) func letGo() async { await Self.letGo(of: disk.store, journal, on: runtime) }

    private nonisolated(nonsending) static func letGo(
        of store: any PieceStore,
        _ journal: ResumeJournal?,
        on runtime: TransportRuntime
    ) async {
        try? await runtime.blocking.perform {
            store.close()
            journal?.abandon()
        }
    }

    private init(
        _ metainfo: Metainfo,
        _ options: AddOptions,
        _ services: TorrentServices,
        _ opened: OpenedStore,
        _ judging: PieceJudging,
        _ filePriorities: [FetchPriority],
        _ have: Bitfield
    ) {
        info = metainfo.info
        layers = metainfo.pieceLayers
        disk = TorrentDisk(
            info: metainfo.info,
            store: opened.store,
            journal: opened.journal,
            judging: judging,
            have: have
        )
        journal = opened.journal
        runtime = services.environment.runtime
        scans = services.environment.scans
        self.options = options
        unchoking = options.unchoking ?? services.configuration.unchoking
        self.filePriorities = filePriorities
        self.have = have
    }

    /// Whether every piece was there when the content was opened.
    var isWhole: Bool { have.isComplete }

    /// The folder of the files; empty if the store keeps none.
    var folder: String { disk.abilities.files?.folder ?? "" }

    /// The priorities that are not normal, by file.
    var unusualPriorities: [Int: UInt8] {
        var unusual: [Int: UInt8] = [:]
        for (file, priority) in filePriorities.enumerated() where priority != .normal {
            unusual[file] = priority.rawValue
        }
        return unusual
    }

    /// Returns what the core needs to begin.
    func makeOpening() -> ContentOpening {
        ContentOpening(
            info: info,
            layers: layers,
            have: have,
            priorities: piecePriorities,
            order: options.order,
            isSuperSeeding: options.isSuperSeeding,
            unchoking: unchoking
        )
    }

    /// Returns the bytes of wanted files, and how many of them are in `pieces`. Padding does not count.
    func wantedBytes(in pieces: Bitfield) -> (done: Int, total: Int) {
        WantedBytes.count(info, wanted: { filePriorities[$0] != .skip }, have: pieces)
    }

    // MARK: - Changes

    /// Changes the priorities of files. Returns the priorities of pieces that follow.
    nonisolated(nonsending) mutating func setPriorities(_ changes: [Int: FetchPriority]) async throws -> [FetchPriority]
    {
        for (file, priority) in changes where filePriorities.indices.contains(file) {
            let wasWanted = filePriorities[file] != .skip
            if let store = disk.abilities.selection, wasWanted != (priority != .skip) {
                try await onPool { try store.setWanted(priority != .skip, file: file) }
            }
            filePriorities[file] = priority
        }
        return piecePriorities
    }

    /// Verifies everything. Returns the pieces that are right.
    nonisolated(nonsending) func recheck(progress: @escaping @Sendable (Double) -> Void) async throws -> Bitfield {
        // A file that is gone would still be read through a descriptor that is open.
        try await onPool { [disk] in disk.store.close() }
        let checker = PieceChecker(info: info, store: disk.store, verifier: disk.currentVerifier, in: scans)
        let report = try await checker.check { progress($0.fraction) }
        if let hindrance = report.hindrance { throw hindrance }
        let found = report.have.withDataless(info.geometry)
        let lost = PieceIndex.all(info.geometry.pieceCount).filter { !found[$0] }
        try await onPool { [disk, journal] in
            try journal?.append(lost: lost)
            try journal?.append(verified: found.indices)
            try disk.abilities.claims?.claim(found)
        }
        disk.handleRechecked(found)
        try await finishFiles()
        return found
    }

    nonisolated(nonsending) func move(to folder: String) async throws {
        guard let store = disk.abilities.moving else { return }
        try await onPool { try store.move(to: folder) }
    }

    /// Renames the complete files that still lack their names, after a kill for example. Returns what was noticed.
    @discardableResult
    nonisolated(nonsending) func finishFiles() async throws -> [StoreNotice] {
        guard !options.isReadOnly else { return [] }
        let settled = try await settleFiles(onlyUnfinished: true)
        if let failure = settled.failure { throw failure }
        guard settled.lost.isEmpty else {
            let words = settled.notices.last { !$0.lost.isEmpty }?.words ?? ""
            throw StorageError(.changed, operation: "open", path: folder, reason: words)
        }
        return settled.notices
    }

    /// Makes sure that every complete file is in its place, under its name.
    nonisolated(nonsending) func settleFiles(onlyUnfinished: Bool = false) async throws -> SettledFiles {
        guard !options.isReadOnly else { return SettledFiles() }
        return try await runtime.blocking.perform { [disk] in disk.settleFiles(onlyUnfinished: onlyUnfinished) }
    }

    // MARK: - The end

    /// Flushes and closes everything, and notes the totals of the torrent's life: those up to its opening, and `own` since.
    nonisolated(nonsending) func close(_ own: CarriedTotals) async throws {
        var totals = journal?.state.totals ?? ResumeTotals()
        totals.downloadedBytes += UInt64(clamping: own.downloadedBytes)
        totals.uploadedBytes += UInt64(clamping: own.uploadedBytes)
        let sums = totals
        try await onPool { [disk] in try disk.close(sums) }
    }

    /// Deletes the torrent's files and its resume state.
    nonisolated(nonsending) func removeData() async throws {
        try await onPool { [disk, journal] in
            try disk.abilities.removal?.removeData()
            try journal?.remove()
        }
    }

    private var piecePriorities: [FetchPriority] {
        FilePriorities.piecePriorities(of: info.files, filePriorities, in: info.geometry)
    }

    nonisolated(nonsending) func onPool<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
        try await runtime.blocking.perform(work)
    }
}

extension Bitfield {
    /// The pieces, and those that consist of padding alone.
    fileprivate func withDataless(_ geometry: PieceGeometry) -> Bitfield {
        var all = self
        for piece in PieceIndex.all(geometry.pieceCount) where geometry.dataByteCount(of: piece) == 0 {
            all.insert(piece)
        }
        return all
    }
}
