// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Checks pieces by a verifier that needs all of a piece at once.
///
/// Each thread holds one piece in memory. There are as many threads as pieces fit into `ScanLimits.memoryByteCount`, and
/// at least one.
struct WholePieceScan: Sendable {
    let reading: StoreReading
    let verifier: any PieceVerifier

    /// Checks those of `pieces` that exist, in up to `threadCount` of the `places` at once.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    func run(over pieces: Bitfield, in places: ScanPlaces, threadCount: Int) async throws(CancellationError) {
        let plan = ScanPlan(
            wholePiecesOf: reading.geometry.pieceLength,
            threadCount: min(threadCount, places.count),
            pieceCount: pieces.setCount
        )
        let next = NextPieces(pieces, plan: plan)
        let stop = StopFlag()
        try await places.run(plan.threadCount, stop: stop) { takeTurn(next, plan, stop) }
    }

    /// Checks pieces for one turn. Returns whether there is more to do.
    private func takeTurn(_ next: NextPieces, _ plan: ScanPlan, _ stop: StopFlag) -> Bool {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: plan.bufferByteCount,
            alignment: ScanLimits.bufferAlignment
        )
        defer { buffer.deallocate() }
        var byteCount = 0
        while !stop.isRaised, byteCount < ScanLimits.turnByteCount {
            guard let batch = next.take(reading.geometry) else { return false }
            for piece in batch {
                check(piece, in: buffer)
                byteCount += reading.geometry.dataByteCount(of: piece)
            }
        }
        return !stop.isRaised
    }

    private func check(_ piece: PieceIndex, in buffer: UnsafeMutableRawBufferPointer) {
        let segments = reading.layout.segments(of: piece, geometry: reading.geometry)
        guard !reading.findings.knowsAbsence(in: segments) else {
            return reading.handle(nil, of: piece, segments: segments)
        }
        var end = 0
        for segment in segments {
            let start = end
            end += segment.byteCount
            do throws(StorageError) {
                try reading.read(segment, into: UnsafeMutableRawBufferPointer(rebasing: buffer[start..<end]))
            } catch {
                let failure = SegmentFailure(error: error, segment: segment)
                return reading.handle(.failure(failure), of: piece, segments: segments)
            }
        }
        let verdict = verifier.verdict(on: piece, chunks: [UnsafeRawBufferPointer(rebasing: buffer[..<end])])
        reading.handle(.success(verdict), of: piece, segments: segments)
    }
}
