// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheTransport
internal import RucheWire

/// Rate limits of one torrent within those of its session.
///
/// Down: bytes that have been read are owed; while any are owed, no peer is read from, and the kernel's window does the
/// rest. Up: a block leaves its peer's queue only once all of it is allowed.
struct TransferBudget {
    private var downloads: RateLimiter
    private var uploads: RateLimiter
    private var owedByteCount = 0
    private var allowedByteCount = 0

    init(_ environment: SwarmEnvironment) {
        downloads = RateLimiter(within: environment.downloadLimit)
        uploads = RateLimiter(within: environment.uploadLimit)
    }

    mutating func setRates(download: Int?, upload: Int?, at now: Instant) {
        downloads.setRate(download, at: now)
        uploads.setRate(upload, at: now)
    }

    var isReceivingLimited: Bool { downloads.isLimited }

    mutating func handleReceived(_ byteCount: Int) {
        if downloads.isLimited { owedByteCount += byteCount }
    }

    mutating func mayReceive(at now: Instant) -> Bool {
        guard owedByteCount > 0 else { return true }
        owedByteCount -= downloads.take(upTo: owedByteCount, at: now)
        return owedByteCount <= 0
    }

    mutating func maySend(_ byteCount: Int, at now: Instant) -> Bool {
        guard uploads.isLimited else { return true }
        if allowedByteCount < byteCount {
            allowedByteCount += uploads.take(upTo: byteCount - allowedByteCount, at: now)
        }
        guard allowedByteCount >= byteCount else { return false }
        allowedByteCount -= byteCount
        return true
    }

    /// Returns what was leased from the session.
    mutating func stop() {
        downloads.stop()
        uploads.stop()
    }
}

extension SwarmDriver {
    func handleReceived(_ byteCount: Int) { budget.handleReceived(byteCount) }

    func mayRead(_ handler: PeerStreamHandler) -> Bool {
        if budget.mayReceive(at: now) { return true }
        awaitBudget()
        return false
    }

    /// Soon examines the peers that a limit holds back.
    func awaitBudget() {
        guard !isBudgetAwaited else { return }
        isBudgetAwaited = true
        loop.scheduleTask(in: TimeAmount(SwarmTiming.budget)) { [self] in
            isBudgetAwaited = false
            resumeReading()
            pumpThoseWhoWait()
            drain()
        }
    }

    /// Reads from all peers, those without a slot included, because their handshakes are held back as well. A different peer
    /// comes first each time: the first one may use up the allowance, and the others' messages would stay unread.
    private func resumeReading() {
        guard budget.mayReceive(at: now) else {
            if !handlers.isEmpty { awaitBudget() }
            return
        }
        for handler in readTurns.next(of: handlers.all) { handler.resumeReading() }
    }

    /// Sends to the peers that wait. A different one comes first each time, because it may use up the allowance.
    private func pumpThoseWhoWait() {
        let waiting = handlersBySlot.filter { $1.isWaitingForUploadBudget }.sorted { $0.key < $1.key }
        for (_, handler) in uploadTurns.next(of: waiting) { pumpUploads(handler) }
    }

    func setRates(download: Int?, upload: Int?) {
        loop.assertInEventLoop()
        budget.setRates(download: download, upload: upload, at: now)
    }
}
