// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Reads what is on disk and finds out which pieces are correct: the full recheck.
public struct PieceChecker: Sendable {
    private let info: TorrentInfo
    private let store: any PieceStore
    private let verifier: any PieceDigestVerifier
    /// Threads that read and hash at once; the number of `places` by default.
    public var threadCount: Int
    /// Where the threads run, shared with all other checks there: at most 32 MiB for all of them.
    public var places: ScanPlaces

    /// Checks pieces of `info` in `store` with `verifier`; see `TorrentInfo.makeVerifier(layers:)`.
    public init(
        info: TorrentInfo,
        store: any PieceStore,
        verifier: any PieceDigestVerifier,
        in places: ScanPlaces = .shared
    ) {
        self.info = info
        self.store = store
        self.verifier = verifier
        self.places = places
        threadCount = places.count
    }

    /// Checks `pieces`, or all of them.
    ///
    /// Pieces in missing, short or unreadable files count as absent; that is not an error.
    ///
    /// - Throws: `CancellationError` only.
    public func check(
        _ pieces: Bitfield? = nil,
        progress: ByteProgressHandler? = nil
    ) async throws(CancellationError) -> CheckReport {
        let pieceCount = info.geometry.pieceCount
        let pieces = pieces ?? Bitfield(count: pieceCount, allSet: true)
        let checked = pieces.indices.prefix { $0.int < pieceCount }
        let total = checked.reduce(0) { $0 + info.geometry.dataByteCount(of: $1) }
        let scan = StoreScan(
            geometry: info.geometry,
            layout: FileLayout(info),
            store: store,
            verifier: verifier,
            findings: CheckFindings(info: info, keepsFiles: store.abilities.files != nil),
            meter: ProgressMeter(total: total, handler: progress)
        )
        try await scan.run(over: pieces, in: places, threadCount: threadCount)
        let facts = try? store.abilities.files?.allFacts()
        return scan.findings.makeReport(files: info.files, facts: facts)
    }
}

/// Scans a store.
private struct StoreScan: PieceScan {
    let geometry: PieceGeometry
    let layout: FileLayout
    let store: any PieceStore
    let verifier: any PieceDigestVerifier
    let findings: CheckFindings
    let meter: ProgressMeter

    struct Reader: SegmentReader {
        let store: any PieceStore

        func read(_ segment: PieceSegment, into out: UnsafeMutableRawBufferPointer) throws(StorageError) {
            guard segment.isStored else {
                out.initializeMemory(as: UInt8.self, repeating: 0)
                return
            }
            try store.read(piece: segment.piece, offset: segment.offset, into: out)
        }
    }

    func makeReader() -> Reader { Reader(store: store) }

    func recipe(for piece: PieceIndex) -> PieceHashRecipe { verifier.recipe(for: piece) }

    func skips(_ piece: PieceIndex, segments: [PieceSegment]) -> Bool { findings.knowsAbsence(in: segments) }

    func handle(_ outcome: PieceScanOutcome, of piece: PieceIndex, segments: [PieceSegment]) {
        switch outcome {
        case .hashed(let digests):
            findings.handle(verifier.verdict(on: piece, digests: digests), of: piece, segments: segments)
        case .skipped:
            findings.handleAbsence(segments: segments)
        case .failed(let error, let segment):
            findings.handle(error, at: segment, segments: segments)
        }
        meter.add(geometry.dataByteCount(of: piece))
    }
}
