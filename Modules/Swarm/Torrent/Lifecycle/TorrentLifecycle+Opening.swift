// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// From metadata to content.
extension TorrentLifecycle {
    func beginOpening() {
        guard !isOpening, !isClosed, content == nil, failure == nil, metainfo != nil || origin.isSaved else { return }
        isOpening = true
        opening = Task {
            await openContent()
            isOpening = false
            torrent?.handleReady(self)
        }
    }

    /// Tries again to open a torrent that could not be opened.
    func reopen() {
        guard suspension != nil else { return }
        beginOpening()
    }

    /// Opens the store, reads the resume state, verifies what cannot be trusted, and starts the driver.
    private func openContent() async {
        guard content == nil, !isClosed else { return }
        // To observers, a dormant torrent continues seeding, and a suspended one stays so.
        checkProgress = isExpectedWhole || suspension != nil ? nil : 0
        announceState()
        do {
            guard let session else { return }
            let metainfo = try await loadMetainfo(session)
            let opened = try await OpenContent.open(
                metainfo,
                options,
                origin.selectedFiles,
                session,
                on: driver.loop,
                isExpectedWhole: isExpectedWhole,
                isUnwanted: isOpeningUnwanted
            ) { progress in
                Task { await self.noteCheck(progress) }
            }
            guard !isClosed else { return try await opened.close(CarriedTotals()) }
            try await handOver(opened)
            suspension = nil
        } catch is CancellationError {
            return
        } catch {
            handleOpeningFailure(TorrentError(error))
        }
        checkProgress = nil
        // Publish the status before the state becomes seeding, so observers never see a seed with missing pieces.
        if isComplete { await publishFreshStatus() }
        settle()
        await remember()
    }

    /// An error that lasts until the user changes something ends the torrent. Any other is retried as long as it takes.
    private func handleOpeningFailure(_ error: TorrentError) {
        guard !isClosed else { return }
        if error.isFinal { return fail(error) }
        if suspension?.error != error { logger.error("\(error)") }
        let next = Suspension(error: error, attemptCount: (suspension?.attemptCount ?? 0) + 1)
        suspension = next
        if let session, let torrent {
            session.recovery.add(torrent.number, after: next.pause(driver.environment.limits))
        }
    }

    private func handOver(_ opened: OpenContent) async throws {
        do {
            // Files that a kill left complete but without their final names.
            for notice in try await opened.finishFiles() { logger.warning("\(notice.words)") }
        } catch {
            await opened.letGo()
            throw error
        }
        content = opened
        let opening = opened.makeOpening()
        let webSeeds = options.usesWebSeeds ? metainfo?.webSeeds ?? [] : []
        // A torrent that is complete from the start was not completed now: trackers must not be told so.
        (isComplete, isWhole) = try await driver.loop.submit { [driver] in
            driver.handleContent(opening, opened.disk)
            driver.setWebSeeds(webSeeds)
            return (driver.core.isFinished, driver.core.isSeed)
        }.get()
    }

    /// Returns the metainfo in memory, or its saved copy, checked against its info-hash.
    private func loadMetainfo(_ session: Session) async throws -> Metainfo {
        if let metainfo { return metainfo }
        guard let folder = session.configuration.stateFolder else {
            throw TorrentError(.metadata, "there is no folder to read the metainfo from")
        }
        let (hashes, isUnwanted) = (origin.hashes, isOpeningUnwanted)
        let loaded = try await session.environment.runtime.blocking.perform {
            try SavedMetainfo.load(hashes, in: folder) { isUnwanted.isRaised }
        }
        metainfo = loaded
        snapshot.metainfo = loaded
        return loaded
    }

    private func noteCheck(_ progress: Double) {
        if let known = checkProgress { checkProgress = max(known, progress) }
    }

    // MARK: - Reports of the driver

    /// Reports are handled one after the other, in order, and none is dropped: the driver makes a report only when the
    /// torrent's state changes, and never for a block.
    func listenToDriver() {
        let (reports, continuation) = AsyncStream.makeStream(of: SwarmReport.self)
        driver.loop.execute { [driver] in driver.report = { continuation.yield($0) } }
        tasks.append(Task { for await report in reports { await self.handle(report) } })
    }

    private func handle(_ report: SwarmReport) async {
        guard !isClosed else { return }
        switch report {
        case .metadata(let bytes): await handleMetadata(bytes)
        case .pieceLayers(let layers): await handleLayers(layers)
        case .completed: await handleCompleted()
        case .lost: await handleLost()
        case .contradiction(let piece):
            fail(TorrentError(.contradiction, "v1 and v2 hashes disagree about piece \(piece)"))
        case .trouble(let trouble): handleTrouble(trouble)
        }
    }

    private func handleMetadata(_ bytes: [UInt8]) async {
        do {
            let info = try await parse(bytes)
            guard !isClosed else { return }
            let new = Metainfo(info: info, trackers: origin.trackers, webSeeds: origin.webSeeds)
            metainfo = new
            snapshot.metainfo = new
            logger.info("metadata of \(info.name.escapedForDisplay) is here")
            await saveMetainfo(new)
            // Until now it was unknown whether the torrent is private.
            if info.isPrivate { sources.leaveAsPrivate() }
            beginOpening()
        } catch {
            guard !isClosed else { return }
            fail(TorrentError(.metadata, "the metadata is no torrent: \(error)"))
        }
    }

    /// Parses on the pool, because metadata of many files takes a while, and gives up once the torrent is closed.
    private func parse(_ bytes: [UInt8]) async throws -> TorrentInfo {
        let isUnwanted = isOpeningUnwanted
        let parse: @Sendable () throws -> TorrentInfo = {
            try MetainfoParser.parseInfo(bytes, work: ParsingWork { isUnwanted.isRaised })
        }
        guard let runtime = session?.environment.runtime else { return try parse() }
        return try await runtime.blocking.perform(parse)
    }

    private func handleLayers(_ layers: [SHA256Digest: [SHA256Digest]]) async {
        metainfo?.pieceLayers.merge(layers) { _, new in new }
        guard let metainfo else { return }
        snapshot.metainfo = metainfo
        await saveMetainfo(metainfo)
    }

    private func handleTrouble(_ new: DiskTrouble?) {
        if let new, new.isFinal { return fail(TorrentError(new.error)) }
        if let new, trouble?.error != new.error { logger.error("\(new.error)") }
        if new == nil, trouble != nil { logger.notice("the disk works again") }
        trouble = new
        settle()
    }

    /// Everything that is wanted is stored: it is complete once every file is known to be in its place.
    func handleCompleted() async {
        if !isComplete { guard await settleFiles() else { return } }
        // Publish the status before the state becomes seeding, so observers never see a seed with missing pieces.
        await publishFreshStatus()
        // In turn, because the user may want more files at the same moment.
        try? await inTurn { life in try await life.noteCompletion() }
    }

    private func noteCompletion() async throws {
        let (isFinished, isSeed) = try await driver.loop.submit { [driver] in
            (driver.core.isFinished, driver.core.isSeed)
        }.get()
        isWhole = isSeed
        guard isFinished, !isComplete, !isClosed else { return }
        isComplete = true
        logger.info("complete")
        if isWhole { sources.note(.completed) }
        announceState()
        await remember()
    }

    /// Returns false if some of it is gone after all, or a file cannot have its name.
    private func settleFiles() async -> Bool {
        guard let content, !isClosed, failure == nil else { return false }
        do {
            let settled = try await content.settleFiles()
            // The driver may have reported it before, and does so only once.
            if let failure = settled.failure, failure.code.isFinal { fail(TorrentError(failure)) }
            return try await driver.loop.submit { [driver] in
                driver.handleSettled(settled)
                driver.drain()
                return driver.core.isFinished && settled.failure == nil
            }.get()
        } catch {
            logger.error("\(error)")
            return false
        }
    }

    private func handleLost() async {
        isWhole = false
        isComplete = await (try? driver.loop.submit { [driver] in driver.core.isFinished }.get()) ?? false
        announceState()
        await remember()
    }

    func fail(_ error: TorrentError) {
        guard failure == nil else { return }
        failure = error
        logger.error("\(error)")
        failReaders(error)
        settle()
    }
}
