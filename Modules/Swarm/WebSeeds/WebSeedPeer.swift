// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// A web seed as a peer of its torrent (BEP 19): it has everything, never chokes us, and requests nothing.
///
/// To the core it is a peer like any other, so it is picked from, measured, convicted if it sends wrong bytes, and
/// disconnected once everything is complete. The core's requests become HTTP requests. After a failure it is left alone
/// for a while, or for good if the failure is permanent.
///
/// Owner: its `SwarmDriver`. Everything runs on the driver's loop, except waiting for bytes.
final class WebSeedPeer: @unchecked Sendable {  // confined to its driver's loop
    let url: String
    /// Its index among the torrent's web seeds, which identifies it to the core.
    let number: Int
    /// Its slot in the core; nil while there is nothing to fetch, and after a failure.
    private(set) var slot: PeerSlot?

    let driver: SwarmDriver
    let files: WebSeedFiles
    var queue: WebSeedQueue
    /// The running sweep, if the server does not support ranges.
    var sweep: WebSeedSweep?
    /// Whether the server turned out not to support ranges.
    var sendsWholeFiles = false
    private var standing = WebSeedStanding()
    /// The pieces that the core knows it for.
    private var offered = Bitfield(count: 0)
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

    // MARK: - Joining and leaving

    /// Joins the swarm if allowed, and keeps its place there.
    func handleTick(at now: Instant) {
        if let slot {
            // Without requests, it would send nothing and time out.
            driver.handleMessage(.keepAlive, from: slot, at: now)
            if standing.isAnyAiling { offerRecovered(to: slot, at: now) }
        } else if !standing.isGivenUp, connecting == nil, now >= standing.mayConnectAt, driver.core.content != nil,
            !driver.core.isFinished
        {
            connect()
        }
    }

    private func connect() {
        connecting = Task { [self, driver] in
            do throws(WebSeedError) {
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
        let pieces = availablePieces(at: driver.now)
        guard !pieces.isEmpty else {
            driver.logger.warning("web seed \(url): all of its files are wrong; it will not be asked again")
            return standing.giveUp()
        }
        guard slot == nil, driver.core.connections.hasStarted, !driver.core.isFinished,
            let slot = driver.connect(self, at: endpoint, having: pieces)
        else { return standing.handleDisconnected(at: driver.now) }
        self.slot = slot
        offered = pieces
        driver.drain()
    }

    /// What it may be asked for. A file that failed is tried again early if there is nothing else.
    private func availablePieces(at now: Instant) -> Bitfield {
        let pieces = files.pieces(without: standing.avoidedFiles(at: now))
        return pieces.isEmpty ? files.pieces(without: standing.struckFiles) : pieces
    }

    /// Offers files again that have rested after a failure.
    private func offerRecovered(to slot: PeerSlot, at now: Instant) {
        let pieces = availablePieces(at: now)
        let recovered = Array(pieces.indices(missingIn: offered))
        guard !recovered.isEmpty else { return }
        offered = pieces
        for piece in recovered { driver.handleMessage(.have(piece), from: slot, at: now) }
    }

    /// Handles that the core has disconnected it.
    func handleDisconnected(_ reason: DisconnectReason) {
        leave()
        standing.handleDisconnected(at: driver.now)
        if case .misbehaviour = reason { standing.giveUp() }
    }

    /// Handles wrong bytes for `piece`: the files in that piece are struck out. Other files may be right.
    func handleWrong(_ piece: PieceIndex) {
        guard !standing.isGivenUp else { return }
        let wrong = files.files(in: piece).sorted()
        for file in wrong { standing.handleFailure(.strikeOutFile, ofFile: file, at: driver.now) }
        let names = wrong.map { files.url(of: $0, at: url) }.joined(separator: ", ")
        driver.logger.warning("web seed \(url): wrong bytes for piece \(piece); not asked again for \(names)")
        guard let slot else { return }
        leave()
        driver.forget(self, in: slot)
    }

    /// Ends it, because the torrent stops.
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

    /// Handles a failure. Its blocks are requested from others. After a file is struck out, it reconnects at once as a
    /// peer that lacks that file.
    private func fail(_ failure: WebSeedError, ofFile file: Int?) {
        guard !standing.isGivenUp else { return }
        let now = driver.now
        standing.handleFailure(failure.consequence, ofFile: file, at: now)
        driver.logger.warning("web seed \(url): \(failure); \(outlook(failure, at: now))")
        guard let slot else { return }
        leave()
        driver.forget(self, in: slot)
    }

    private func outlook(_ failure: WebSeedError, at now: Instant) -> String {
        if standing.isGivenUp { return "it will not be asked again" }
        if case .strikeOutFile = failure.consequence { return "it will not be asked for this file again" }
        return "it will be asked again in \(Int((standing.mayConnectAt - now).seconds)) s"
    }

    // MARK: - Requests

    /// Handles a message to it; only requests and cancels have an effect.
    func send(_ message: PeerMessage) {
        switch message {
        case .request(let block):
            queue.append(block)
            schedulePump()
        case .cancel(let block):
            guard queue.remove(block), let slot else { return }
            driver.handleMessage(.reject(block), from: slot, at: driver.now)
        default: break
        }
    }

    /// Delayed, because requests arrive in batches and neighbours should be fetched together.
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
        handleEnd(error, ofFiles: files.parts(of: transfer.run.range).map(\.file))
    }

    /// Ends a transfer or a sweep over `files`.
    func handleEnd(_ error: FileFailure?, ofFiles files: [Int]) {
        if let error { return fail(error.failure, ofFile: error.file) }
        standing.handleSuccess(ofFiles: files)
        pump()
    }

    // MARK: - Bytes

    struct FileFailure: Error {
        let file: Int
        let failure: WebSeedError
    }

    /// Fetches a run, file by file. Runs on no loop.
    private func fetch(_ transfer: WebSeedTransfer) async throws(FileFailure) {
        for part in files.parts(of: transfer.run.range) {
            do { try await fetch(part, transfer) } catch {
                let failure = error as? WebSeedError ?? WebSeedError("\(error)", .pause(atLeast: nil))
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

    /// Returns once more may be delivered.
    private func deliver(_ chunk: ByteBuffer, to transfer: WebSeedTransfer) async throws {
        try await driver.loop.flatSubmit { [self] in take(chunk, transfer) }.get()
    }

    private func take(_ chunk: ByteBuffer, _ transfer: WebSeedTransfer) -> EventLoopFuture<Void> {
        guard slot == transfer.slot, transfers[ObjectIdentifier(transfer)] != nil else {
            return driver.loop.makeFailedFuture(CancellationError())
        }
        driver.handleReceived(chunk.readableBytes)
        chunk.withUnsafeReadableBytes { transfer.take($0, for: driver, at: driver.now) }
        driver.drain()
        return driver.whenMayReceive()
    }
}
