// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// Becoming dormant, and the end.
extension TorrentLifecycle {
    /// Releases everything that is not in the catalogue entry, if the torrent has not been needed for `idle`.
    func dozeIfIdle(after idle: Interval) async {
        guard mayDoze, await isDriverIdle else {
            idleSince = nil
            return
        }
        let now = Instant.now
        let since = idleSince ?? now
        idleSince = since
        guard now - since >= idle, let torrent, torrent.beginDozing(self) else { return }
        // Later callers wait until this is over; earlier ones are noticed now.
        guard mayDoze, await isDriverIdle, mayDoze else { return torrent.cancelDozing(self) }
        await doze(torrent)
    }

    private var mayDoze: Bool {
        guard canBeDormant, !isClosed, !isOpening, checkProgress == nil, torrent?.isWatched == false else {
            return false
        }
        return failure != nil || content != nil && isWhole || content == nil && suspension != nil
    }

    private var isDriverIdle: Bool {
        get async { await (try? driver.loop.submit { [driver] in driver.isIdle }.get()) ?? false }
    }

    private func doze(_ torrent: Torrent) async {
        isClosed = true
        isRunning = false
        if let untold = trackerMembership?.untoldCompletion { await remember { $0.untoldCompletion = untold } }
        let schedule = trackerMembership?.rest() ?? restingSchedule
        trackerMembership = nil
        sources.fallDormant()
        let resting = RestingSources(schedule: schedule, joined: sources)
        let own = await close()
        var totals = carried
        totals.downloadedBytes += own.downloadedBytes
        totals.uploadedBytes += own.uploadedBytes
        totals.wastedBytes += own.wastedBytes
        session?.handleDormant()
        let failure = restingFailure
        torrent.finishDozing(totals, failure, resting)
        if content != nil, let suspension = failure?.suspension {
            session?.recovery.add(torrent.number, after: suspension.pause(driver.environment.limits))
        }
    }

    /// What keeps incoming peers from waking it.
    private var restingFailure: RestingFailure? {
        if let failure { return RestingFailure(failure) }
        if let suspension { return RestingFailure(suspension) }
        return trouble.map { RestingFailure(Suspension(error: TorrentError($0.error), attemptCount: 1)) }
    }

    /// Returns the trackers that could not be told of a completion; nil if nothing has changed.
    @discardableResult
    func shutdown() async -> [String]? {
        guard !isClosed else { return nil }
        isClosed = true
        isRunning = false
        isOpeningUnwanted.raise()
        opening?.cancel()
        for turn in turns.cancel() { _ = await turn.result }
        await opening?.value
        if await driver.isWhole { sources.note(.completed) }
        // Stored data is safe before the trackers' answers are waited for: the user may be in a hurry.
        async let goodbyes: Void = sources.leaveAndWait()
        _ = await close()
        await goodbyes
        sources = JoinedSources()
        torrent?.finishFeed()
        return trackerMembership?.untoldCompletion
    }

    func remove(deletingData: Bool) async throws {
        await shutdown()
        if deletingData { try await content?.removeData() }
    }

    /// Stops the driver and closes the content. Returns the driver's totals.
    private func close() async -> CarriedTotals {
        for task in tasks { task.cancel() }
        troubleCheck?.cancel()
        tasks = []
        gauges?.end()
        gauges = nil
        failReaders(torrent?.endReason ?? TorrentError(.removed, "the torrent was stopped meanwhile"))
        driver.loop.execute { [driver] in
            // The driver has kept a reference to us.
            driver.report = { _ in }
            // From now on nothing is tried again.
            driver.resetHealth()
        }
        try? await stopDriver()
        let own = try? await driver.loop.submit { [driver] in
            // A running job may have failed since, and would be tried again on a closed store.
            driver.resetHealth()
            return driver.totals
        }.get()
        let totals = own ?? CarriedTotals()
        if let content {
            do { try await content.close(totals) } catch { logger.error("\(error)") }
        }
        return totals
    }

    /// Returns once no pool thread works for this torrent any more.
    func stopDriver() async throws {
        try await driver.loop.flatSubmit { [driver] in driver.stopAndWait() }.get()
    }
}
