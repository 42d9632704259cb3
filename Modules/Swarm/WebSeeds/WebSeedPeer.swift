// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// A web seed as a peer of its torrent (BEP 19): one that has everything, lets us ask at any time, and asks for nothing.
///
/// To the core it is a peer like any other, so it is picked from, measured, found out if it sends something wrong, and
/// told to go once everything is here. What the core would have sent to it becomes HTTP requests. One that fails is left
/// alone for a while, and for good where it will not get better.
///
/// Owner: its `SwarmDriver`, on whose loop all of it happens but waiting for bytes.
final class WebSeedPeer: @unchecked Sendable {  // confined to its driver's loop
    let url: String
    /// Where the core knows it; nil while there is nothing to fetch, and after a failure.
    private(set) var slot: PeerSlot?

    private let driver: SwarmDriver
    private let files: WebSeedFiles
    private var route: WebSeedClient.Route?
    private var queue: WebSeedQueue
    private var transfers: [ObjectIdentifier: WebSeedTransfer] = [:]
    private var isPumpScheduled = false
    private var connecting: Task<Void, Never>?
    private var mayConnectAt = Instant.zero
    private var failureCount = 0
    private var isGivenUp = false

    init(_ url: String, _ files: WebSeedFiles, driver: SwarmDriver) {
        self.url = url
        self.driver = driver
        self.files = files
        queue = WebSeedQueue(pieceLength: files.pieceLength)
    }

    // MARK: - Coming and going

    /// Joins the swarm if it may, and stays in it.
    func handleTick(at now: Instant) {
        if let slot {
            // Nothing is heard of it while nothing is asked of it.
            driver.handleMessage(.keepAlive, from: slot, at: now)
        } else if !isGivenUp, connecting == nil, now >= mayConnectAt, driver.core.content != nil,
            !driver.core.isFinished
        {
            connect()
        }
    }

    private func connect() {
        connecting = Task { [self, driver] in
            do {
                let route = try await driver.environment.webSeeds.findRoute(to: url)
                driver.loop.execute { [self] in join(by: route) }
            } catch {
                driver.loop.execute { [self] in
                    connecting = nil
                    fail(error)
                }
            }
        }
    }

    private func join(by route: WebSeedClient.Route) {
        guard connecting?.isCancelled == false else { return }
        connecting = nil
        guard slot == nil, driver.core.hasStarted, !driver.core.isFinished,
            let slot = driver.connect(self, at: route.endpoint)
        else {
            mayConnectAt = .now + WebSeedLimits.shortestPause
            return
        }
        self.route = route
        self.slot = slot
        driver.drain()
    }

    /// The core has sent it away.
    func handleDisconnected(_ reason: DisconnectReason) {
        leave()
        mayConnectAt = .now + WebSeedLimits.shortestPause
        if case .misbehaviour = reason { isGivenUp = true }
    }

    /// The torrent stops.
    func end() {
        isGivenUp = true
        connecting?.cancel()
        leave()
    }

    private func leave() {
        slot = nil
        queue = WebSeedQueue(pieceLength: files.pieceLength)
        for transfer in transfers.values { transfer.task?.cancel() }
        transfers = [:]
    }

    private func fail(_ error: any Error) {
        guard !isGivenUp else { return }
        failureCount += 1
        isGivenUp = (error as? WebSeedFailure)?.isFinal ?? false
        let pause = min(WebSeedLimits.shortestPause * Int64(1 << min(failureCount - 1, 10)), WebSeedLimits.longestPause)
        mayConnectAt = .now + pause
        let outlook = isGivenUp ? "not asked again" : "asked again in \(Int(pause.seconds)) s"
        driver.logger.warning("web seed \(url): \(error); \(outlook)")
        guard let slot else { return }
        leave()
        driver.forget(self, in: slot)
    }

    // MARK: - Requests

    /// What a peer would be sent; only requests mean anything here.
    func send(_ message: PeerMessage) {
        switch message {
        case .request(let block):
            queue.append(block)
            schedulePump()
        case .cancel(let block):
            guard queue.remove(block), let slot else { return }
            driver.handleMessage(.reject(block), from: slot, at: .now)
        default: break
        }
    }

    /// Later, for requests come in batches: neighbours are to be seen as such.
    private func schedulePump() {
        guard !isPumpScheduled else { return }
        isPumpScheduled = true
        driver.loop.execute { [self] in
            isPumpScheduled = false
            pump()
        }
    }

    private func pump() {
        guard let slot, let route else { return }
        while transfers.count < WebSeedLimits.requestsAtOnce,
            let run = queue.nextRun(upTo: WebSeedLimits.requestByteCount)
        {
            let transfer = WebSeedTransfer(run, from: slot)
            transfers[ObjectIdentifier(transfer)] = transfer
            transfer.task = Task { [self, driver] in
                do {
                    try await fetch(transfer, by: route)
                    driver.loop.execute { [self] in finish(transfer, nil) }
                } catch {
                    driver.loop.execute { [self] in finish(transfer, error) }
                }
            }
        }
    }

    private func finish(_ transfer: WebSeedTransfer, _ error: (any Error)?) {
        guard transfers.removeValue(forKey: ObjectIdentifier(transfer)) != nil else { return }
        if let error { return fail(error) }
        failureCount = 0
        pump()
    }

    // MARK: - Bytes

    /// Gets a run, file by file. On no loop.
    private func fetch(_ transfer: WebSeedTransfer, by route: WebSeedClient.Route) async throws {
        for part in files.parts(of: transfer.run.range) {
            guard part.isStored else {
                try await deliver(ByteBuffer(repeating: 0, count: part.count), to: transfer)
                continue
            }
            try await driver.environment.webSeeds.get(
                part.offset..<part.offset + part.count,
                ofFile: files.url(of: part.file, at: url),
                size: files.size(of: part.file),
                by: route
            ) { chunk in
                try await deliver(chunk, to: transfer)
            }
        }
    }

    /// Returns once more may come.
    private func deliver(_ chunk: ByteBuffer, to transfer: WebSeedTransfer) async throws {
        try await driver.loop.flatSubmit { [self] in take(chunk, transfer) }.get()
    }

    private func take(_ chunk: ByteBuffer, _ transfer: WebSeedTransfer) -> EventLoopFuture<Void> {
        guard slot == transfer.slot, transfers[ObjectIdentifier(transfer)] != nil else {
            return driver.loop.makeFailedFuture(CancellationError())
        }
        driver.handleReceived(chunk.readableBytes)
        chunk.withUnsafeReadableBytes { transfer.take($0, for: driver, at: .now) }
        driver.drain()
        return driver.whenMayReceive()
    }

    /// Buffers are about to be taken back.
    func recheckArriving() {
        for transfer in transfers.values { transfer.recheckArriving(driver) }
    }
}
