// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
package import RucheWire

/// Content that is not a torrent, and may grow.
extension SwarmDriver {
    /// Handles an opened store: from now on pieces can be downloaded and uploaded. `reader` gets the content's reports.
    package func open(
        _ seed: ContentSeed,
        _ disk: TorrentDisk,
        have: Bitfield,
        order: FetchOrder,
        unchoking: UnchokePolicies,
        _ reader: @escaping @Sendable (any Sendable) -> Void
    ) {
        loop.assertInEventLoop()
        self.disk = disk
        buffers = PieceBuffers(geometry: seed.shape.geometry, isGrowing: true)
        extensionReaders[seed.name] = reader
        tell { $0.handleContent(seed, have: have, order: order, unchoking: unchoking, in: &$1) }
        lookAfterMemory()
        drain()
    }

    /// Adopts a new shape of the content.
    func reshape(_ shape: ContentShape, _ verifier: any PieceVerifier) {
        buffers?.grow(to: shape.byteCount)
        guard let disk else { return }
        disk.reshape(shape, verifier)
        guard shape.firstPiece > trimmedCount else { return }
        trimmedCount = shape.firstPiece
        submit {
            try disk.followShape()
        } then: { [logger] result in
            // A failed trim is repeated with the next piece that is stored.
            if case .failure(let error) = result { logger.debug("cannot trim the store: \(error)") }
        }
    }

    /// Stores a piece that the content has created, in the same way as one from peers.
    func store(_ bytes: [UInt8], as piece: PieceIndex) {
        judge(JudgeRequest(piece: piece, wantsDigests: false, data: PieceData(copying: bytes)))
    }

    /// Returns a complete piece once it is verified and stored.
    func readWhole(_ piece: PieceIndex, for id: ReaderID) -> EventLoopFuture<[UInt8]> {
        loop.assertInEventLoop()
        guard let geometry = core.content?.geometry, piece.int < geometry.pieceCount else {
            return loop.makeFailedFuture(TorrentError(.notReady, "the content does not reach to piece \(piece)"))
        }
        let span = ReadingSpan(pieces: piece.int..<piece.int + 1)
        let request = ReadRequest(span: span, offset: 0, count: geometry.dataByteCount(of: piece))
        let future = read(request, for: id)
        future.whenComplete { [self] _ in endReading(id) }
        return future
    }

    func makeContentStatus() -> ContentStatus {
        ContentStatus(
            shape: core.content?.shape,
            pieces: core.content?.picker.have,
            peers: makeStatus().peers,
            downloadedBytes: core.download.meter.totalByteCount,
            uploadedBytes: core.upload.meter.totalByteCount,
            isCaughtUp: core.isCaughtUp
        )
    }

    /// Returns what is announced to trackers. May be called on any thread.
    func contentStats() async -> AnnounceStats {
        let stats = loop.submit { [self] in
            AnnounceStats(
                uploaded: core.upload.meter.totalByteCount,
                downloaded: core.download.meter.totalByteCount,
                left: core.isSeed ? 0 : 1
            )
        }
        return (try? await stats.get()) ?? AnnounceStats(uploaded: 0, downloaded: 0, left: 1)
    }
}
