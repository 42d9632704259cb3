// SPDX-License-Identifier: Apache-2.0

internal import RucheWire
internal import Synchronization

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
/// Memory is bounded whatever the length of a piece: each thread has one buffer, small enough that what was read is
/// still in the processor's cache when it is hashed. Pieces are taken in order, so that disks see nearly sequential reads.
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
    /// Scans those of `pieces` that exist, on `threadCount` threads. Throws `CancellationError` when the task is
    /// cancelled or `stop` was raised.
    func run(over pieces: Bitfield, threadCount: Int, stop: StopFlag = StopFlag()) async throws(CancellationError) {
        let next = NextPiece(pieces: pieces)
        await withTaskCancellationHandler {
            await WorkerThreads.run(count: min(threadCount, max(1, pieces.setCount)), name: "piece scan") { _ in
                scan(next, stop: stop)
            }
        } onCancel: {
            stop.raise()
        }
        if stop.isRaised { throw CancellationError() }
    }

    private func scan(_ next: NextPiece, stop: StopFlag) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: ScanLimits.bufferByteCount,
            alignment: ScanLimits.bufferAlignment
        )
        defer { buffer.deallocate() }
        var reader = makeReader()
        var hasher = PieceHasher()
        while let piece = next.take(), !stop.isRaised {
            let segments = layout.segments(of: piece, geometry: geometry)
            guard !skips(piece, segments: segments) else {
                handle(.skipped, of: piece, segments: segments)
                continue
            }
            hasher.begin(recipe(for: piece))
            if let failure = hash(segments, with: &hasher, from: &reader, through: buffer, stop: stop) {
                handle(.failed(failure.error, at: failure.segment), of: piece, segments: segments)
            } else if !stop.isRaised {
                handle(.hashed(hasher.finish()), of: piece, segments: segments)
            }
        }
    }

    /// The first error and where it happened, or nil when all was hashed or `stop` was raised.
    private func hash(
        _ segments: [PieceSegment],
        with hasher: inout PieceHasher,
        from reader: inout Reader,
        through buffer: UnsafeMutableRawBufferPointer,
        stop: StopFlag
    ) -> (error: StorageError, segment: PieceSegment)? {
        for segment in segments {
            var rest = segment
            while rest.byteCount > 0, !stop.isRaised {
                let part = rest.removeFirst(buffer.count)
                let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<part.byteCount])
                do {
                    try reader.read(part, into: bytes)
                } catch {
                    return (error, part)
                }
                hasher.update(UnsafeRawBufferPointer(bytes))
            }
        }
        return nil
    }
}

/// Bounds of a scan.
enum ScanLimits {
    /// One thread's buffer; bytes.
    static let bufferByteCount = 1 << 20
    /// Alignment of the buffer: a page.
    static let bufferAlignment = 4096
}

/// Hands out pieces in order to several threads.
private final class NextPiece: Sendable {
    private let pieces: Bitfield
    private let index = Atomic(0)

    init(pieces: Bitfield) { self.pieces = pieces }

    func take() -> PieceIndex? {
        while true {
            let index = index.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < pieces.count else { return nil }
            let piece = PieceIndex(index)
            if pieces[piece] { return piece }
        }
    }
}
