// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Reads parts of files for one worker thread.
protocol SegmentReader {
    /// Fills `out`, as long as `segment`, with its bytes.
    mutating func read(_ segment: PieceSegment, into out: UnsafeMutableRawBufferPointer) throws(StorageError)
}

/// What a scan found out about one piece.
enum PieceScanOutcome {
    /// All was read and hashed.
    case hashed(PieceDigests)
    /// Not to be read, by the wish of the owner.
    case skipped
    /// A part could not be read.
    case failed(StorageError, at: PieceSegment)
}

/// Reads and hashes pieces on several threads: the common half of checking and of making torrents.
///
/// Memory is bounded whatever the length of a piece: see `ScanLimits`. Pieces are taken in order, so that disks see
/// nearly sequential reads.
protocol PieceScan: Sendable {
    associatedtype Reader: SegmentReader

    /// The cut into pieces.
    var geometry: PieceGeometry { get }
    /// Where the bytes lie.
    var layout: FileLayout { get }
    /// A reader for one thread.
    func makeReader() -> Reader
    /// What to hash.
    func recipe(for piece: PieceIndex) -> PieceHashRecipe
    /// Whether not to read `piece`, because the answer is known. Called on several threads.
    func skips(_ piece: PieceIndex, segments: [PieceSegment]) -> Bool
    /// Takes the result of one piece. Called on several threads, in no order.
    func handle(_ outcome: PieceScanOutcome, of piece: PieceIndex, segments: [PieceSegment])
}

extension PieceScan {
    /// Scans those of `pieces` that exist, in up to `threadCount` of the `places` at once. Throws `CancellationError` when the
    /// task is cancelled or `stop` was raised.
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
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<plan.threadCount {
                    group.addTask {
                        let isDone = await places.work { takeTurn(next, plan, stop) }
                        if !isDone { stop.raise() }
                    }
                }
            }
        } onCancel: {
            stop.raise()
        }
        if stop.isRaised { throw CancellationError() }
    }

    /// Scans for one turn; whether there is more to do.
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
