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
    /// Its place among the torrent's web seeds: so the core knows it.
    let number: Int
    /// Where the core knows it; nil while there is nothing to fetch, and after a failure.
    private(set) var slot: PeerSlot?

    let driver: SwarmDriver
    let files: WebSeedFiles
    var queue: WebSeedQueue
    /// Under way where the server knows no ranges.
    var sweep: WebSeedSweep?
    /// The server was found to know no ranges.
    var sendsWholeFiles = false
    private var standing = WebSeedStanding()
    private var transfers: [ObjectIdentifier: WebSeedTransfer] = [:]
    private var isPumpScheduled = false
    private var connecting: Task<Void, Never>?

    init(_ url: String, number: Int, _ files: WebSeedFiles, driver: SwarmDriver) {
        self.url = url
        self.number = number
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
        } else if !standing.isGivenUp, connecting == nil, now >= standing.mayConnectAt, driver.core.content != nil,
            !driver.core.isFinished
        {
            connect()
        }
    }

    private func connect() {
        connecting = Task { [self, driver] in
            do throws(WebSeedFailure) {
                let endpoint = try await driver.environment.webSeeds.findServer(at: url)
                driver.loop.execute { [self] in join(at: endpoint) }
            } catch {
                driver.loop.execute { [self] in
                    connecting = nil
                    fail(error, ofFile: nil)
                }
            }
        }
    }

    private func join(at endpoint: PeerEndpoint) {
        guard connecting?.isCancelled == false else { return }
        connecting = nil
        let pieces = files.pieces(without: standing.struckFiles)
        guard !pieces.isEmpty else {
            driver.logger.warning("web seed \(url): nothing that it has is as it should be; not asked again")
            return standing.giveUp()
        }
        guard slot == nil, driver.core.hasStarted, !driver.core.isFinished,
            let slot = driver.connect(self, at: endpoint, having: pieces)
        else { return standing.handleDisconnected(at: .now) }
        self.slot = slot
        driver.drain()
    }

    /// The core has sent it away.
    func handleDisconnected(_ reason: DisconnectReason) {
        leave()
        standing.handleDisconnected(at: .now)
        if case .misbehaviour = reason { standing.giveUp() }
    }

    /// It sent wrong bytes for `piece`: the files there are struck out. The other files may be right.
    func handleWrong(_ piece: PieceIndex) {
        guard !standing.isGivenUp else { return }
        let wrong = files.files(in: piece).sorted()
        for file in wrong { standing.handleFailure(.strikeOutFile, ofFile: file, at: .now) }
        let names = wrong.map { files.url(of: $0, at: url) }.joined(separator: ", ")
        driver.logger.warning("web seed \(url): wrong bytes for piece \(piece); not asked again for \(names)")
        guard let slot else { return }
        leave()
        driver.forget(self, in: slot)
    }

    /// The torrent stops.
    func end() {
        standing.giveUp()
        connecting?.cancel()
        leave()
    }

    private func leave() {
        slot = nil
        queue = WebSeedQueue(pieceLength: files.pieceLength)
        for transfer in transfers.values { transfer.task?.cancel() }
        transfers = [:]
        sweep?.task?.cancel()
        sweep = nil
    }

    /// What it owes is asked of others. After a file is struck out it comes back at once, as a peer that lacks it.
    private func fail(_ failure: WebSeedFailure, ofFile file: Int?) {
        guard !standing.isGivenUp else { return }
        let now = Instant.now
        standing.handleFailure(failure.consequence, ofFile: file, at: now)
        driver.logger.warning("web seed \(url): \(failure); \(outlook(failure, at: now))")
        guard let slot else { return }
        leave()
        driver.forget(self, in: slot)
    }

    private func outlook(_ failure: WebSeedFailure, at now: Instant) -> String {
        if standing.isGivenUp { return "not asked again" }
        if case .strikeOutFile = failure.consequence { return "this file is not asked for again" }
        return "asked again in \(Int((standing.mayConnectAt - now).seconds)) s"
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

    func pump() {
        guard let slot, sweep == nil else { return }
        if sendsWholeFiles { return transfers.isEmpty ? beginSweep(to: slot) : () }
        while transfers.count < WebSeedLimits.requestsAtOnce,
            let run = queue.nextRun(upTo: WebSeedLimits.requestByteCount)
        {
            let transfer = WebSeedTransfer(run, from: slot)
            transfers[ObjectIdentifier(transfer)] = transfer
            transfer.task = Task { [self, driver] in
                do throws(FileFailure) {
                    try await fetch(transfer)
                    driver.loop.execute { [self] in finish(transfer, nil) }
                } catch {
                    driver.loop.execute { [self] in finish(transfer, error) }
                }
            }
        }
    }

    private func finish(_ transfer: WebSeedTransfer, _ error: FileFailure?) {
        guard transfers.removeValue(forKey: ObjectIdentifier(transfer)) != nil else { return }
        if let error, case .takeWholeFiles = error.failure.consequence {
            sendsWholeFiles = true
            for block in transfer.unfinished { queue.append(block) }
            return pump()
        }
        handleEnd(error)
    }

    /// A transfer or a sweep is over.
    func handleEnd(_ error: FileFailure?) {
        if let error { return fail(error.failure, ofFile: error.file) }
        standing.handleSuccess()
        pump()
    }

    // MARK: - Bytes

    struct FileFailure: Error {
        let file: Int
        let failure: WebSeedFailure
    }

    /// Gets a run, file by file. On no loop.
    private func fetch(_ transfer: WebSeedTransfer) async throws(FileFailure) {
        for part in files.parts(of: transfer.run.range) {
            do { try await fetch(part, transfer) } catch {
                let failure = error as? WebSeedFailure ?? WebSeedFailure("\(error)", .pause(atLeast: nil))
                throw FileFailure(file: part.file, failure: failure)
            }
        }
    }

    private func fetch(_ part: FileLayout.Segment, _ transfer: WebSeedTransfer) async throws {
        guard part.isStored else { return try await deliver(ByteBuffer(repeating: 0, count: part.count), to: transfer) }
        var stretch = WebSeedStretch(part.offset..<part.offset + part.count)
        while !stretch.rest.isEmpty {
            let byteCount = try await driver.environment.webSeeds.get(
                stretch.rest,
                ofFile: files.url(of: part.file, at: url),
                size: files.size(of: part.file)
            ) { chunk in
                try await deliver(chunk, to: transfer)
            }
            try stretch.handleAnswer(of: byteCount)
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
}
