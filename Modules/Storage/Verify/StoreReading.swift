// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The store that a check reads, and where it notes what it finds.
struct StoreReading: Sendable {
    let geometry: PieceGeometry
    let layout: FileLayout
    let store: any PieceStore
    let findings: CheckFindings
    let meter: ProgressMeter

    /// Fills `out` with the bytes of `segment`.
    func read(_ segment: PieceSegment, into out: UnsafeMutableRawBufferPointer) throws(StorageError) {
        guard segment.isStored else {
            out.initializeMemory(as: UInt8.self, repeating: 0)
            return
        }
        try store.read(piece: segment.piece, offset: segment.offset, into: out)
    }

    /// Handles what became of a piece: a verdict, an error in one of its segments, or nothing if it was not read.
    func handle(
        _ outcome: Result<PieceVerdict, SegmentFailure>?,
        of piece: PieceIndex,
        segments: [PieceSegment]
    ) {
        switch outcome {
        case .success(let verdict): findings.handle(verdict, of: piece, segments: segments)
        case .failure(let failure): findings.handle(failure.error, at: failure.segment, segments: segments)
        case nil: findings.handleAbsence(segments: segments)
        }
        meter.add(geometry.dataByteCount(of: piece))
    }
}

/// An error while a segment was read.
struct SegmentFailure: Error {
    let error: StorageError
    let segment: PieceSegment
}

/// Checks pieces by their digests, so that they are read in parts.
struct DigestScan: PieceScan {
    let reading: StoreReading
    let verifier: any PieceDigestVerifier

    struct Reader: SegmentReader {
        let reading: StoreReading

        func read(_ segment: PieceSegment, into out: UnsafeMutableRawBufferPointer) throws(StorageError) {
            try reading.read(segment, into: out)
        }
    }

    var geometry: PieceGeometry { reading.geometry }
    var layout: FileLayout { reading.layout }

    func makeReader() -> Reader { Reader(reading: reading) }

    func recipe(for piece: PieceIndex) -> PieceHashRecipe { verifier.recipe(for: piece) }

    func skips(_ piece: PieceIndex, segments: [PieceSegment]) -> Bool { reading.findings.knowsAbsence(in: segments) }

    func handle(_ outcome: PieceScanOutcome, of piece: PieceIndex, segments: [PieceSegment]) {
        switch outcome {
        case .hashed(let digests):
            reading.handle(.success(verifier.verdict(on: piece, digests: digests)), of: piece, segments: segments)
        case .skipped:
            reading.handle(nil, of: piece, segments: segments)
        case .failed(let error, let segment):
            let failure = SegmentFailure(error: error, segment: segment)
            reading.handle(.failure(failure), of: piece, segments: segments)
        }
    }
}
