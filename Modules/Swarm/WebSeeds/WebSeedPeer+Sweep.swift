// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// Servers that do not support ranges.
extension WebSeedPeer {
    /// Fetches everything wanted, starting with the file of the oldest request.
    func beginSweep(to slot: PeerSlot) {
        guard let first = queue.firstPlace else { return }
        let file = files.file(at: first)
        let sweep = WebSeedSweep(from: file, at: files.start(of: file), files.geometry, to: slot)
        self.sweep = sweep
        sweep.task = Task { [self, driver] in
            do throws(FileFailure) {
                try await fetch(sweep)
                driver.loop.execute { [self] in finish(sweep, nil) }
            } catch {
                driver.loop.execute { [self] in finish(sweep, error) }
            }
        }
    }

    private func finish(_ sweep: WebSeedSweep, _ error: FileFailure?) {
        guard self.sweep === sweep else { return }
        self.sweep = nil
        handleEnd(error, ofFiles: files.parts(from: sweep.firstFile).map(\.file))
    }

    /// Fetches the files one after the other. Runs on no loop.
    private func fetch(_ sweep: WebSeedSweep) async throws(FileFailure) {
        for part in files.parts(from: sweep.firstFile) {
            do { try await fetch(part, sweep) } catch {
                let failure = error as? WebSeedError ?? WebSeedError("\(error)", .pause(atLeast: nil))
                throw FileFailure(file: part.file, failure: failure)
            }
        }
    }

    private func fetch(_ part: FileLayout.Segment, _ sweep: WebSeedSweep) async throws {
        guard try await isWanted(part, sweep) else { return }
        guard part.isStored else { return try await deliverZeros(part.count, to: sweep) }
        _ = try await driver.environment.webSeeds.get(
            0..<part.count,
            ofFile: files.url(of: part.file, at: url),
            size: part.count
        ) { chunk in
            try await deliver(chunk, to: sweep)
        }
    }

    /// Delivers padding in portions, because its length is up to the torrent's author.
    private func deliverZeros(_ count: Int, to sweep: WebSeedSweep) async throws {
        let zeros = ByteBuffer(repeating: 0, count: min(count, WebSeedLimits.requestByteCount))
        var left = count
        while left > 0, let part = zeros.getSlice(at: zeros.readerIndex, length: min(left, zeros.readableBytes)) {
            try await deliver(part, to: sweep)
            left -= part.readableBytes
        }
    }

    /// Whether anything of a file is wanted; otherwise it is not fetched.
    private func isWanted(_ part: FileLayout.Segment, _ sweep: WebSeedSweep) async throws -> Bool {
        try await driver.loop.submit { [self] in
            guard self.sweep === sweep else { throw CancellationError() }
            let isWanted = driver.core.wantsAny(of: files.pieces(of: part.file))
            if !isWanted { sweep.skip(part.count) }
            return isWanted
        }.get()
    }

    /// Returns once more may be delivered.
    private func deliver(_ chunk: ByteBuffer, to sweep: WebSeedSweep) async throws {
        try await driver.loop.flatSubmit { [self] in take(chunk, sweep) }.get()
    }

    private func take(_ chunk: ByteBuffer, _ sweep: WebSeedSweep) -> EventLoopFuture<Void> {
        guard slot == sweep.slot, self.sweep === sweep else {
            return driver.loop.makeFailedFuture(CancellationError())
        }
        driver.handleReceived(chunk.readableBytes)
        let whole = chunk.withUnsafeReadableBytes { sweep.take($0, for: driver, at: driver.now) }
        for block in whole { _ = queue.remove(block) }
        driver.drain()
        return driver.whenMayReceive()
    }
}
