// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Reads ranges of files for one worker thread.
protocol SegmentReader {
    /// Fills `out`, which has the length of `segment`, with its bytes.
    mutating func read(_ segment: PieceSegment, into out: UnsafeMutableRawBufferPointer) throws(StorageError)
}

/// The result of scanning one piece.
enum PieceScanOutcome {
    /// The piece was read and hashed.
    case hashed(PieceDigests)
    /// The piece was not read, because `skips` returned true.
    case skipped
    /// A part of the piece could not be read.
    case failed(StorageError, at: PieceSegment)
}

/// Reads and hashes pieces on several threads. Rechecks and torrent creation share it.
///
/// Memory is bounded whatever the piece length: see `ScanLimits`. Pieces are taken in order, so disk reads are nearly
/// sequential.
protocol PieceScan: Sendable {
    associatedtype Reader: SegmentReader

    /// How the content is split into pieces.
    var geometry: PieceGeometry { get }
    /// How the content is split into files.
    var layout: FileLayout { get }
    /// Creates a reader for one thread.
    func makeReader() -> Reader
    /// What to hash of `piece`.
    func recipe(for piece: PieceIndex) -> PieceHashRecipe
    /// Whether `piece` need not be read because the result is known. Called on several threads.
    func skips(_ piece: PieceIndex, segments: [PieceSegment]) -> Bool
    /// Receives the result of one piece. Called on several threads, in any order.
    func handle(_ outcome: PieceScanOutcome, of piece: PieceIndex, segments: [PieceSegment])
}

extension PieceScan {
    /// Scans those of `pieces` that exist, in up to `threadCount` of the `places` at once. Throws `CancellationError`
    /// if the task is cancelled or `stop` is raised.
    func run(
        over pieces: Bitfield,
        in places: ScanPlaces,
        threadCount: Int,
        stop: StopFlag = StopFlag()
    ) async throws(CancellationError) {
        let count = pieces.setCount
        let wantsSHA1 = pieces.indices.first { _ in true }.map { recipe(for: $0).wantsSHA1 } ?? false
        let plan = ScanPlan(
            threadCount: min(threadCount, places.count),
            pieceCount: count,
            wantsSHA1: wantsSHA1,
            placeCount: places.count
        )
        let next = NextPieces(pieces, plan: plan)
        try await places.run(plan.threadCount, stop: stop) { takeTurn(next, plan, stop) }
    }

    /// Scans for one turn; returns whether there is more to do.
    private func takeTurn(_ next: NextPieces, _ plan: ScanPlan, _ stop: StopFlag) -> Bool {
        var worker = PieceScanWorker(self, plan: plan, stop: stop)
        var byteCount = 0
        while !stop.isRaised, byteCount < ScanLimits.turnByteCount {
            guard let batch = next.take(geometry) else { return false }
            worker.scan(batch)
            for piece in batch { byteCount += geometry.dataByteCount(of: piece) }
        }
        return !stop.isRaised
    }
}
