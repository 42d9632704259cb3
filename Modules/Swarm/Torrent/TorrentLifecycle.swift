// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// Takes one torrent from being added to being removed: metadata, disk, resume state, turns in the queue, trackers.
///
///     open ──▶ fetchingMetadata ──▶ checking ──▶ queued ⇄ downloading ──▶ seeding
///                                                   paused, failed: from anywhere
///
/// An actor, since all of this is a few steps for each action of the user. The transfer itself happens on the driver's
/// loop, and knows nothing of this.
actor TorrentLifecycle {
    private let origin: TorrentOrigin
    private let options: AddOptions
    private let driver: SwarmDriver
    private let logger: Logger
    private weak let session: Session?
    nonisolated(unsafe) private weak var torrent: Torrent?  // set once, before anything else is called

    private var content: OpenContent?
    private var metainfo: Metainfo?
    private var isPaused: Bool
    private var hasTurn = false
    private var isRunning = false
    private var isComplete = false
    private var failure: TorrentError?
    private var checkProgress: Double?
    private var isClosed = false
    private var announcer: TorrentAnnouncer?
    private var tasks: [Task<Void, Never>] = []
    private var opening: Task<Void, Never>?
    private var isOpening = false
    /// What the session was last told: the status that watchers see may be ahead of it.
    private var announced: TorrentState?

    init(_ origin: TorrentOrigin, options: AddOptions, session: Session, driver: SwarmDriver, logger: Logger) {
        self.origin = origin
        self.options = options
        self.driver = driver
        self.logger = logger
        self.session = session
        isPaused = options.isPaused
        metainfo = origin.metainfo
    }

    nonisolated func attach(_ torrent: Torrent) { self.torrent = torrent }

    // MARK: - Opening

    /// Begins: opens the content if the metadata is there, else looks for peers that have it. Returns at once; checking
    /// what is on the disk may take long.
    func open() {
        driver.loop.execute { [self, driver] in
            driver.report = { report in Task { await self.handle(report) } }
        }
        tasks.append(Task { await self.publishStatus() })
        lookUpNamedPeers()
        if metainfo != nil {
            beginOpening()
        } else {
            settle()
        }
    }

    private func beginOpening() {
        guard !isOpening, content == nil, metainfo != nil else { return }
        isOpening = true
        opening = Task {
            await openContent()
            isOpening = false
        }
    }

    /// Opens the store, reads the resume state, verifies what cannot be taken on trust, and lets the driver begin.
    private func openContent() async {
        guard let metainfo, content == nil, !isClosed else { return }
        checkProgress = 0
        announceState()
        do {
            guard let session else { return }
            let opened = try await OpenContent.open(
                metainfo,
                options,
                origin.selectedFiles,
                session,
                on: driver.loop
            ) { progress in
                Task { await self.noteCheck(progress) }
            }
            guard !isClosed else { return }
            content = opened
            let opening = opened.makeOpening()
            // What is complete from the start was not completed now: trackers are not to be told so.
            isComplete = try await driver.loop.submit { [driver] in
                driver.handleContent(opening, opened.disk)
                return driver.core.isFinished
            }.get()
        } catch is CancellationError {
            return
        } catch let error as StorageError {
            fail(TorrentError(error))
        } catch {
            fail(error as? TorrentError ?? TorrentError(.storage, "\(error)"))
        }
        checkProgress = nil
        // Whoever sees it seed is to see it whole.
        if isComplete { await publishFreshStatus() }
        settle()
    }

    private func noteCheck(_ progress: Double) {
        if checkProgress != nil { checkProgress = progress }
    }

    // MARK: - What the driver reports

    private func handle(_ report: SwarmReport) async {
        guard !isClosed else { return }
        switch report {
        case .metadata(let bytes): await handleMetadata(bytes)
        case .pieceLayers(let layers): handleLayers(layers)
        case .completed: await handleCompleted()
        case .contradiction(let piece):
            fail(TorrentError(.contradiction, "v1 and v2 hashes disagree about piece \(piece)"))
        case .failed(let error): fail(TorrentError(error))
        }
    }

    private func handleMetadata(_ bytes: [UInt8]) async {
        do {
            let info = try MetainfoParser.parseInfo(bytes)
            let new = Metainfo(info: info, trackers: origin.trackers)
            metainfo = new
            torrent?.setMetainfo(new)
            logger.info("metadata of \(info.name) is here")
            beginOpening()
        } catch {
            fail(TorrentError(.metadata, "the metadata is no torrent: \(error)"))
        }
    }

    private func handleLayers(_ layers: [SHA256Digest: [SHA256Digest]]) {
        metainfo?.pieceLayers.merge(layers) { _, new in new }
        guard let metainfo, let content else { return }
        torrent?.setMetainfo(metainfo)
        content.disk.setVerifier(metainfo.makeVerifier())
    }

    private func handleCompleted() async {
        // Whoever sees it seed is to see it whole.
        await publishFreshStatus()
        guard !isComplete, !isClosed else { return }
        isComplete = true
        logger.info("complete")
        announcer?.handleCompleted()
        announceState()
    }

    private func fail(_ error: TorrentError) {
        guard failure == nil else { return }
        failure = error
        logger.error("\(error)")
        settle()
    }

    // MARK: - Turns

    /// The queue lets it run, or has it wait.
    func setTurn(_ mayRun: Bool) {
        hasTurn = mayRun
        settle()
    }

    func setPaused(_ paused: Bool) {
        isPaused = paused
        if !paused { failure = nil }
        settle()
        if !paused { beginOpening() }
    }

    /// Starts or stops the driver as its state demands.
    private func settle() {
        let isReady = content != nil || metainfo == nil
        let shouldRun = isReady && hasTurn && !isPaused && failure == nil && checkProgress == nil && !isClosed
        if shouldRun != isRunning {
            isRunning = shouldRun
            driver.loop.execute { [driver] in shouldRun ? driver.start() : driver.stop() }
            if shouldRun { startSources() } else { stopSources() }
        }
        announceState()
    }

    private var state: TorrentState {
        if let failure { return .failed(failure) }
        if let checkProgress { return .checking(checkProgress) }
        if isPaused { return .paused }
        if content == nil { return .fetchingMetadata }
        if isComplete { return .seeding }
        return hasTurn ? .downloading : .queued
    }

    private func announceState() {
        guard let torrent else { return }
        let state = state
        guard announced != state else { return }
        announced = state
        var status = torrent.currentStatus
        status.state = state
        torrent.publish(status)
        session?.handleChange(of: torrent, to: state)
    }

    // MARK: - Sources of peers

    private func startSources() {
        guard announcer == nil, let session else { return }
        driver.loop.execute { [driver, options] in driver.handleFound(options.peers, from: .manual) }
        announcer = session.makeAnnouncer(
            for: origin,
            extra: options.trackers,
            isComplete: isComplete,
            driver: driver
        )
        for source in options.sources {
            let stream = source.endpoints(for: origin.hashes, listenPort: session.port)
            tasks.append(
                Task { [driver] in
                    for await endpoints in stream {
                        driver.loop.execute { driver.handleFound(endpoints, from: .manual) }
                    }
                }
            )
        }
    }

    private func stopSources() {
        announcer?.stop()
        announcer = nil
    }

    var trackerStatus: [TrackerStatus] { announcer?.status ?? [] }

    func scrape() async -> [ScrapeResult] {
        guard let client = session?.trackers else { return [] }
        var results: [ScrapeResult] = []
        for tracker in origin.trackers.flatMap(\.self) + options.trackers {
            guard let response = try? await client.scrape(origin.hashes.wireHashes, at: tracker) else { continue }
            results.append(ScrapeResult(tracker: tracker, response: response))
        }
        return results
    }

    private func lookUpNamedPeers() {
        let named = origin.peers
        guard !named.isEmpty else { return }
        let direct = named.compactMap(\.endpoint)
        driver.loop.execute { [driver] in driver.handleFound(direct, from: .manual) }
        let names = named.filter { $0.endpoint == nil }
        guard !names.isEmpty else { return }
        tasks.append(
            Task { [driver] in
                for peer in names {
                    let found = await HostLookup.endpoints(host: peer.host, port: peer.port)
                    driver.loop.execute { driver.handleFound(found, from: .manual) }
                }
            }
        )
    }

    // MARK: - Status

    private func publishStatus() async {
        while !Task.isCancelled, !isClosed {
            await publishFreshStatus()
            try? await Task.sleep(nanoseconds: UInt64(SwarmTiming.status.nanoseconds))
        }
    }

    private func publishFreshStatus() async {
        guard let torrent else { return }
        guard var status = try? await driver.loop.submit({ [driver] in driver.makeStatus() }).get() else { return }
        status.state = state
        status.name = metainfo?.info.name ?? torrent.currentStatus.name
        if let content, let pieces = status.pieces {
            (status.doneBytes, status.totalBytes) = content.wantedBytes(in: pieces)
        }
        session?.metrics.record(status, after: torrent.currentStatus)
        torrent.publish(status)
    }

    // MARK: - The user's wishes

    func setPriorities(_ priorities: [Int: FilePriority]) async throws {
        guard var content else { throw TorrentError(.metadata, "the metadata is not known yet") }
        let pieces = try await content.setPriorities(priorities)
        self.content = content
        isComplete = try await driver.loop.submit { [driver] in
            driver.withCore { core, effects in core.setPriorities(pieces, at: .now, into: &effects) }
            return driver.core.isFinished
        }.get()
        announceState()
    }

    func recheck() async throws {
        guard let content else { throw TorrentError(.metadata, "the metadata is not known yet") }
        guard checkProgress == nil else { return }
        checkProgress = 0
        settle()
        defer {
            checkProgress = nil
            settle()
        }
        // What is still being stored would be read half written.
        try await stopDriver()
        let found = try await content.recheck { progress in Task { await self.noteCheck(progress) } }
        isComplete = try await driver.loop.submit { [driver] in
            driver.handleRechecked(found)
            return driver.core.isFinished
        }.get()
    }

    /// Returns once no pool thread works for this torrent any more.
    private func stopDriver() async throws {
        try await driver.loop.flatSubmit { [driver] in driver.stopAndWait() }.get()
    }

    func move(to folder: String) async throws {
        guard let content else { throw TorrentError(.metadata, "the metadata is not known yet") }
        try await content.move(to: folder)
    }

    // MARK: - The end

    func shutdown() async {
        guard !isClosed else { return }
        isClosed = true
        isRunning = false
        for task in tasks { task.cancel() }
        opening?.cancel()
        await opening?.value
        await announcer?.stopAndWait()
        try? await stopDriver()
        // It has held on to us.
        try? await driver.loop.submit { [driver] in driver.report = { _ in } }.get()
        if let content {
            do { try await content.close(torrent?.currentStatus) } catch { logger.error("\(error)") }
        }
        torrent?.finishFeed()
    }

    func remove(deletingData: Bool) async throws {
        await shutdown()
        if deletingData { try await content?.removeData() }
    }
}
