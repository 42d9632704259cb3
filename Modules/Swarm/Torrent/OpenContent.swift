// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// A torrent's content while it is open: store, resume journal, and the user's file priorities.
///
/// Owner: `TorrentLifecycle`. Blocking work is done on the session's blocking pool, never on a loop.
struct OpenContent {
    let info: TorrentInfo
    let layers: [SHA256Digest: [SHA256Digest]]
    let disk: TorrentDisk
    private let journal: ResumeJournal?
    private let runtime: TransportRuntime
    private let scans: ScanPlaces
    private let loop: any EventLoop
    private let options: AddOptions
    private let unchoking: UnchokePolicies
    private(set) var filePriorities: [FetchPriority]
    private var have: Bitfield

    /// Opens the store, reads the resume state, and verifies what it does not vouch for. `isExpectedWhole`: nothing is
    /// created on the disk, because everything should exist. Stops as cancelled once `isUnwanted` is raised.
    static func open(
        _ metainfo: Metainfo,
        _ options: AddOptions,
        _ selectedFiles: [ClosedRange<Int>]?,
        _ session: Session,
        on loop: any EventLoop,
        isExpectedWhole: Bool,
        isUnwanted: RaisedFlag,
        progress: @escaping @Sendable (Double) -> Void
    ) async throws -> OpenContent {
        let info = metainfo.info
        let priorities = try FileChoice(options, selectedFiles).priorities(in: info)
        let folder = options.folder ?? session.configuration.downloads
        let runtime = session.environment.runtime
        let openFiles = session.environment.openFilesPerTorrent
        let opened = try await runtime.blocking.perform {
            try OpenedStore(
                info,
                options,
                folder,
                session.configuration.stateFolder,
                priorities,
                openFileLimit: openFiles,
                isExpectedWhole: isExpectedWhole
            )
        }
        do {
            let judging = PieceJudging(metainfo, options)
            let have = try await findPieces(opened, info, judging.verifier, session, isExpectedWhole, progress)
            if isExpectedWhole, !have.isComplete {
                throw StorageError(.changed, operation: "seed", path: folder, reason: "some of it is gone or changed")
            }
            try await runtime.blocking.perform {
                try opened.settle(have, options, isExpectedWhole: isExpectedWhole, isUnwanted: isUnwanted)
            }
            return OpenContent(metainfo, options, session, loop, opened, judging, priorities, have)
        } catch {
            await letGo(of: opened.store, opened.journal, on: runtime)
            throw error
        }
    }

    /// Returns the stored pieces: those that the journal vouches for, and those that a check of the others finds.
    private static func findPieces(
        _ opened: OpenedStore,
        _ info: TorrentInfo,
        _ verifier: any PieceVerifier,
        _ session: Session,
        _ isExpectedWhole: Bool,
        _ progress: @escaping @Sendable (Double) -> Void
    ) async throws -> Bitfield {
        var have = opened.trusted
        guard !opened.unknown.isEmpty else { return have.withDataless(info.geometry) }
        let environment = session.environment
        let checker = PieceChecker(info: info, store: opened.store, verifier: verifier, in: environment.scans)
        let report = try await checker.check(opened.unknown) { progress($0.fraction) }
        if let hindrance = report.hindrance { throw hindrance }
        guard report.disagreements.isEmpty else {
            throw TorrentError(.contradiction, "v1 and v2 hashes disagree about piece \(report.disagreements[0])")
        }
        for piece in report.have.indices { have.insert(piece) }
        // What a seed lacks stays in doubt, not lost: its disk may soon be mounted.
        let isSeedAtFault = isExpectedWhole && !have.withDataless(info.geometry).isComplete
        if !isSeedAtFault {
            try await opened.note(found: report.have, lost: opened.unknown, on: environment.runtime)
        }
        return have.withDataless(info.geometry)
    }

    /// Closes content that will be opened again, and keeps everything known about it.
    func letGo() async { await Self.letGo(of: disk.store, journal, on: runtime) }

    private static func letGo(of store: any PieceStore, _ journal: ResumeJournal?, on runtime: TransportRuntime) async {
        try? await runtime.blocking.perform {
            store.close()
            journal?.abandon()
        }
    }

    private init(
        _ metainfo: Metainfo,
        _ options: AddOptions,
        _ session: Session,
        _ loop: any EventLoop,
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
        runtime = session.environment.runtime
        scans = session.environment.scans
        self.loop = loop
        self.options = options
        unchoking = options.unchoking ?? session.configuration.unchoking
        self.filePriorities = filePriorities
        self.have = have
    }

    /// Whether everything was there when it was opened.
    var isWhole: Bool { have.isComplete }

    /// The folder of its files.
    var folder: String { disk.abilities.files?.folder ?? "" }

    /// The priorities of files that differ from the default.
    var unusualPriorities: [Int: UInt8] {
        var unusual: [Int: UInt8] = [:]
        for (file, priority) in filePriorities.enumerated() where priority != .normal {
            unusual[file] = priority.rawValue
        }
        return unusual
    }

    /// What the core needs at the start.
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

    /// Returns the bytes of wanted files, and how many of them are in `pieces`; padding does not count.
    func wantedBytes(in pieces: Bitfield) -> (done: Int, total: Int) {
        WantedBytes.count(info, wanted: { filePriorities[$0] != .skip }, have: pieces)
    }

    // MARK: - Selection

    /// Sets new file priorities, and returns the piece priorities that follow.
    mutating func setPriorities(_ changes: [Int: FetchPriority]) async throws -> [FetchPriority] {
        for (file, priority) in changes where filePriorities.indices.contains(file) {
            let wasWanted = filePriorities[file] != .skip
            if let store = disk.abilities.selection, wasWanted != (priority != .skip) {
                try await onPool { try store.setWanted(priority != .skip, file: file) }
            }
            filePriorities[file] = priority
        }
        return piecePriorities
    }

    /// Verifies everything, and returns the correct pieces.
    func recheck(progress: @escaping @Sendable (Double) -> Void) async throws -> Bitfield {
        // A file that is gone would still be read through an open descriptor.
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

    func move(to folder: String) async throws {
        guard let store = disk.abilities.moving else { return }
        try await onPool { try store.move(to: folder) }
    }

    /// Renames complete files that do not have their final names, for example after a kill. Returns what was noticed.
    @discardableResult
    func finishFiles() async throws -> [StoreNotice] {
        guard !options.isReadOnly else { return [] }
        let settled = try await settleFiles(onlyUnfinished: true)
        if let failure = settled.failure { throw failure }
        guard settled.lost.isEmpty else {
            let words = settled.notices.last { !$0.lost.isEmpty }?.words ?? ""
            throw StorageError(.changed, operation: "open", path: folder, reason: words)
        }
        return settled.notices
    }

    /// Checks that every complete file is in its place under its final name.
    func settleFiles(onlyUnfinished: Bool = false) async throws -> SettledFiles {
        guard !options.isReadOnly else { return SettledFiles() }
        return try await runtime.blocking.perform { [disk] in disk.settleFiles(onlyUnfinished: onlyUnfinished) }
    }

    // MARK: - The end

    /// Flushes and closes everything, and records totals: those up to its opening, and `own` since.
    func close(_ own: CarriedTotals) async throws {
        var totals = journal?.state.totals ?? ResumeTotals()
        totals.downloadedBytes += UInt64(clamping: own.downloadedBytes)
        totals.uploadedBytes += UInt64(clamping: own.uploadedBytes)
        let sums = totals
        try await onPool { [disk] in try disk.close(sums) }
    }

    /// Deletes the torrent's files and its resume state.
    func removeData() async throws {
        try await onPool { [disk, journal] in
            try disk.abilities.removal?.removeData()
            try journal?.remove()
        }
    }

    private var piecePriorities: [FetchPriority] {
        FilePriorities.piecePriorities(of: info.files, filePriorities, in: info.geometry)
    }

    func onPool<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
        try await runtime.blocking.perform(work)
    }
}

extension Bitfield {
    /// Files of padding alone are always complete.
    fileprivate func withDataless(_ geometry: PieceGeometry) -> Bitfield {
        var all = self
        for piece in PieceIndex.all(geometry.pieceCount) where geometry.dataByteCount(of: piece) == 0 {
            all.insert(piece)
        }
        return all
    }
}
