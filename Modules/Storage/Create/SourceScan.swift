// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Hashes the files of a new torrent: all kinds of hashes in one pass over the bytes.
struct SourceScan: PieceScan {
    let geometry: PieceGeometry
    let layout: FileLayout
    let format: TorrentFormat
    let reader: SourceReader
    let results: SourceHashes
    let meter: ProgressMeter
    let stop: StopFlag

    func makeReader() -> SourceReader { reader }

    func recipe(for piece: PieceIndex) -> PieceHashRecipe {
        PieceHashRecipe(
            wantsSHA1: format != .v2,
            paddingByteCount: geometry.byteCount(of: piece) - geometry.dataByteCount(of: piece),
            wantsLeaves: format != .v1
        )
    }

    func skips(_ piece: PieceIndex, segments: [PieceSegment]) -> Bool { false }

    func handle(_ outcome: PieceScanOutcome, of piece: PieceIndex, segments: [PieceSegment]) {
        switch outcome {
        case .hashed(let digests):
            results.insert(digests, of: piece, in: segments)
            meter.add(digests.byteCount)
        case .failed(let error, _):
            results.insert(error)
            stop.raise()
        case .skipped: break
        }
    }
}
