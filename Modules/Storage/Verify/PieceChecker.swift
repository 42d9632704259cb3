// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Reads what is on disk and finds out which pieces are correct: the full recheck.
public struct PieceChecker: Sendable {
    private let info: TorrentInfo
    private let store: any PieceStore
    private let verifier: any PieceVerifier
    /// Threads that read and verify at once; by default as many as the checks of a process share.
    public var threadCount: Int
    /// Where the threads run, shared with all other checks there: at most 32 MiB for all of them, or one piece for each
    /// place if the verifier needs whole pieces.
    package var places: ScanPlaces

    /// Checks the pieces of a torrent in `store`, such as a `FileStore` that is read-only.
    public init(_ metainfo: Metainfo, store: any PieceStore) {
        self.init(info: metainfo.info, store: store, verifier: metainfo.makeVerifier())
    }

    /// Checks pieces of `info` in `store` with `verifier`; see `TorrentInfo.makeVerifier(layers:)`.
    package init(
        info: TorrentInfo,
        store: any PieceStore,
        verifier: any PieceVerifier,
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
        let findings = CheckFindings(info: info, keepsFiles: store.abilities.files != nil)
        let reading = StoreReading(
            geometry: info.geometry,
            layout: FileLayout(info),
            store: store,
            findings: findings,
            meter: ProgressMeter(total: total, handler: progress)
        )
        if let digesting = verifier.digesting {
            let scan = DigestScan(reading: reading, verifier: digesting)
            try await scan.run(over: pieces, in: places, threadCount: threadCount)
        } else {
            let scan = WholePieceScan(reading: reading, verifier: verifier)
            try await scan.run(over: pieces, in: places, threadCount: threadCount)
        }
        let facts = try? store.abilities.files?.allFacts()
        return findings.makeReport(files: info.files, facts: facts)
    }
}
