// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// Becoming dormant, and the end.
extension TorrentLifecycle {
    /// Lets go of everything but the record, if nobody has needed the torrent for `idle`.
    func dozeIfIdle(after idle: Interval) async {
        if mayDoze(after: idle) { await doze() }
    }

    /// Becomes dormant although peers are connected, to make room for a torrent that a peer asks for. Returns false if this
    /// one is needed.
    func yieldPlace() async -> Bool {
        guard mayYield, let host, host.beginDozing(self) else { return false }
        return await doze(evenWithPeers: true)
    }

    /// Whether only peers keep the torrent awake.
    var mayYield: Bool { canBeDormant && core.phase.mayFallDormant && host?.isWatched == false }

    /// Whether nobody has needed the torrent for `idle`. All callers wait from then on, and `doze` must follow.
    func mayDoze(after idle: Interval) -> Bool {
        guard canBeDormant, let host else { return false }
        let isNeeded = host.isWatched || !driver.isIdle
        return core.hasBeenIdle(for: idle, isNeeded: isNeeded, at: now) && host.beginDozing(self)
    }

    @discardableResult
    func doze(evenWithPeers: Bool = false) async -> Bool {
        guard let host else { return false }
        // Strangers that were on their way to this loop are here after one turn of it.
        await waitForTurnOfLoop()
        guard core.phase.mayFallDormant, evenWithPeers || driver.isIdle, !host.isWatched else {
            host.cancelDozing(self)
            return false
        }
        let failure = core.phase.obstacle.map { RestingFailure($0) }
        let wasOpen = content != nil
        handle(.closed(isDormant: true))
        let resting = RestingSources(schedule: restingSchedule, joined: sources)
        let own = await close()
        await noting?.value
        services.dormancy.handleAsleep(number)
        host.finishDozing(TorrentRest(totals: record.carried + own, failure: failure, sources: resting))
        // If the content could not be opened, that has been arranged already.
        if wasOpen, let suspension = failure?.suspension {
            services.recovery.add(number, after: suspension.pause(services.environment.limits))
        }
        return true
    }

    private func waitForTurnOfLoop() async {
        await withCheckedContinuation { continuation in driver.loop.execute { continuation.resume() } }
    }

    /// Ends the torrent's work for good: what is here is safe on the disk, and sources have been told goodbye. Returns the trackers
    /// that could not be told of a completion; nil if that is as it was.
    @discardableResult
    func shutdown() async -> [String]? {
        guard !core.isClosed else { return nil }
        isOpeningUnwanted.raise()
        handle(.closed(isDormant: false))
        await parsing?.value
        await working?.value
        await opening?.value
        // Goodbyes are said meanwhile, but what is here is made safe before they are waited for: the user may be in a hurry.
        _ = await close()
        await leaving?.value
        await noting?.value
        return untoldCompletion
    }

    /// Ends the torrent's work, and deletes its files if that is wanted.
    ///
    /// - Throws: `TorrentError` if files cannot be deleted.
    func remove(deletingData: Bool) async throws {
        await shutdown()
        if deletingData { try await content?.removeData() }
    }

    /// Stops the driver and closes the content; what the driver has counted.
    private func close() async -> CarriedTotals {
        endTicks()
        gauges?.end()
        gauges = nil
        driver.failReaders(host?.endReason ?? TorrentError(.removed, "the torrent was stopped meanwhile"))
        // The driver holds on to us; and nothing is attempted again from here on.
        driver.report = { _ in }
        driver.resetHealth()
        try? await wait(for: driver.stopAndWait())
        // What was under way may have failed since, and would be attempted again on a closed store.
        driver.resetHealth()
        let totals = driver.totals
        if let content {
            do { try await content.close(totals) } catch { logger.error("\(error)") }
        }
        return totals
    }
}

extension CarriedTotals {
    static func + (one: Self, other: Self) -> Self {
        Self(
            downloadedBytes: one.downloadedBytes + other.downloadedBytes,
            uploadedBytes: one.uploadedBytes + other.uploadedBytes,
            wastedBytes: one.wastedBytes + other.wastedBytes
        )
    }
}
