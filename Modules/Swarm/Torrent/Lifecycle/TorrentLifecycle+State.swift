// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheWire

/// Turns, and their effects.
extension TorrentLifecycle {
    /// The queue lets it run, or makes it wait.
    func refreshTurn() {
        guard let torrent, let session, !isClosed else { return }
        // Asked here, so that the last of two changes applies.
        hasTurn = session.hasTurn(torrent)
        settle()
    }

    func setPaused(_ paused: Bool) async {
        isPaused = paused
        if !paused {
            // The user resumes a torrent that has lost something: it must be downloaded.
            if failure != nil || suspension != nil { isExpectedWhole = false }
            failure = nil
            suspension = nil
            if trouble?.stopsSharing == true { recheckAfterTrouble() }
        }
        settle()
        if !paused {
            beginOpening()
            // It may have failed because a file could not have its name.
            if content != nil, !isComplete, await isDriverFinished { await handleCompleted() }
        }
        await remember()
    }

    /// Verifies everything, once, however often the user resumes it meanwhile.
    private func recheckAfterTrouble() {
        guard troubleCheck == nil else { return }
        troubleCheck = Task {
            try? await recheck()
            troubleCheck = nil
        }
    }

    private var isDriverFinished: Bool {
        get async { await (try? driver.loop.submit { [driver] in driver.core.isFinished }.get()) ?? false }
    }

    /// Starts or stops the driver according to the state.
    func settle() {
        let isReady = content != nil || metainfo == nil && !origin.isSaved
        let isHindered = failure != nil || suspension != nil || trouble?.stopsSharing == true
        let shouldRun = isReady && hasTurn && !isPaused && !isHindered && checkProgress == nil && !isClosed
        if shouldRun != isRunning {
            isRunning = shouldRun
            driver.loop.execute { [driver] in shouldRun ? driver.start() : driver.stop() }
            if shouldRun { startSources() } else { stopSources() }
        }
        announceState()
    }

    var state: TorrentState {
        if let failure { return .failed(failure) }
        if let checkProgress { return .checking(checkProgress) }
        if let suspension { return .suspended(suspension.error) }
        if isPaused { return .paused }
        if let trouble { return .suspended(TorrentError(trouble.error)) }
        guard content != nil else {
            if isExpectedWhole { return .seeding }
            return metainfo == nil && !origin.isSaved ? .fetchingMetadata : .queued
        }
        if isComplete { return .seeding }
        return hasTurn ? .downloading : .queued
    }

    func announceState() {
        guard let torrent, !isClosed else { return }
        let state = state
        guard announced != state else { return }
        announced = state
        var status = snapshot.status
        status.state = state
        publish(status)
        session?.handleChange(of: torrent, to: state)
    }

    // MARK: - Catalogue

    /// Has the session record the present state.
    func remember() async {
        guard canBeDormant, !isClosed, let torrent else { return }
        var entry = torrent.entry
        entry.name = metainfo?.info.name ?? entry.name
        setFlag(.paused, isPaused, in: &entry)
        if let trackerMembership { entry.untoldCompletion = trackerMembership.untoldCompletion }
        if let content {
            entry.magnet = nil
            entry.pieceCount = content.info.geometry.pieceCount
            entry.totalBytes = content.wantedBytes(in: Bitfield(count: entry.pieceCount)).total
            entry.filePriorities = content.unusualPriorities
            entry.onlyPaths = []
            setFlag(.complete, isWhole, in: &entry)
            setFlag(.public, !content.info.isPrivate, in: &entry)
            // Files that appear later in the way of a complete torrent were not covered by the user's decision.
            if isComplete { setFlag(.overwritesFiles, false, in: &entry) }
        }
        if torrent.setEntry(entry) { await session?.remember(torrent) }
    }

    /// For what the content does not tell us.
    func remember(_ change: (inout CatalogueEntry) -> Void) async {
        guard canBeDormant, let torrent else { return }
        var entry = torrent.entry
        change(&entry)
        if torrent.setEntry(entry) { await session?.remember(torrent) }
    }

    func setFlag(_ flag: CatalogueEntry.Flags, _ isSet: Bool, in entry: inout CatalogueEntry) {
        if isSet { entry.flags.insert(flag) } else { entry.flags.remove(flag) }
    }

    func saveMetainfo(_ metainfo: Metainfo) async {
        guard canBeDormant, let torrent else { return }
        await session?.save(metainfo, of: torrent)
    }
}
