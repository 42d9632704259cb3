// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// Creates a torrent from a file or folder: walks it, hashes it in one pass over its bytes, and encodes the metainfo.
public struct TorrentCreator: Sendable {
    private let source: String
    private let options: TorrentOptions
    private let limits: WireLimits

    /// Prepares a torrent of the file or folder at the path `source`.
    public init(source: String, options: TorrentOptions = TorrentOptions()) {
        self.source = source
        self.options = options
        limits = .standard
    }

    /// Creates the torrent. Nothing is written to disk.
    ///
    /// - Throws: `TorrentCreationError`, also if a file changes meanwhile; `CancellationError` if the task is
    ///   cancelled.
    public func create(progress: ByteProgressHandler? = nil) async throws -> CreatedTorrent {
        try checkName()
        let walk = try await findEntries()
        var builder = try makeBuilder(for: walk.entries)
        try await hash(walk.entries, for: &builder, progress: progress)
        let metainfo = try builder.makeMetainfo(limits: limits)
        return CreatedTorrent(
            bytes: metainfo.encoded(),
            metainfo: metainfo,
            skipped: walk.skipped,
            sources: Set(walk.entries.compactMap(\.identity))
        )
    }
}

/// A new torrent.
public struct CreatedTorrent: Sendable {
    /// The content of the .torrent file.
    public let bytes: [UInt8]
    /// The same content, parsed.
    public let metainfo: Metainfo
    /// What the folder holds and the torrent leaves out.
    public let skipped: [SkippedEntry]
    /// The files that it was made of.
    let sources: Set<FileIdentity>

    /// Whether the torrent was made of the file at `path`, by whatever name: in the folder, a link's target or another
    /// hard link. Do not write the torrent over such a file. Asks the disk.
    public func isMade(ofFile path: String) -> Bool {
        (try? Descriptor.status(path: path)).map { sources.contains($0.identity) } ?? false
    }

    /// The paths, as in the folder, that Windows cannot store under their names. Clients there rename them.
    public var unfitForWindows: [[String]] {
        metainfo.info.filesUnfitForWindows.map { file in
            metainfo.info.metainfoPath(of: file).map { String(decoding: $0, as: UTF8.self) }
        }
    }
}

// MARK: Steps

extension TorrentCreator {
    /// The name that the torrent will have.
    public var name: String { options.name ?? SourceName.name(of: source) }

    /// Rejects an invalid name before anything is read.
    ///
    /// - Throws: `TorrentCreationError` with `.invalidName`.
    public func checkName() throws(TorrentCreationError) {
        guard !MetainfoBuilder.canBeName(name) else { return }
        let reason = "a torrent cannot be called \"\(name)\": a name must not be empty, . or .., or contain a slash"
        throw TorrentCreationError(.invalidName, path: source, reason: reason)
    }

    private func findEntries() async throws -> SourceWalk {
        let (source, options, limits) = (source, options, limits)
        let walked = await ScanPlaces.shared.jobs.call {
            Result { () throws(TorrentCreationError) in try SourceWalk(source, options: options, limits: limits) }
        }
        guard let walk = try walked?.get() else { throw CancellationError() }
        try Task.checkCancellation()
        let unsupported = walk.skipped.first { $0.reason != .emptyFolder }
        if let unsupported, options.unsupportedEntries == .refuse {
            let path = ([source] + unsupported.path).joined(separator: "/")
            let reason = unsupported.reason == .strayLink ? "it links out of the folder or nowhere" : "it is not a file"
            throw TorrentCreationError(.unsupportedEntry, path: path, reason: reason)
        }
        return walk
    }

    private func makeBuilder(for entries: [SourceEntry]) throws(TorrentCreationError) -> MetainfoBuilder {
        let files = entries.map { entry in
            var file = MetainfoBuilder.File(path: entry.path, size: entry.size)
            file.isExecutable = entry.isExecutable
            file.symlinkTarget = entry.target
            return file
        }
        var builder = MetainfoBuilder(
            name: name,
            format: options.format,
            pieceLength: try choosePieceLength(totalSize: files.reduce(0) { $0 + $1.size }),
            files: files
        )
        builder.isPrivate = options.isPrivate
        builder.trackers = options.trackers
        builder.webSeeds = options.webSeeds
        builder.comment = options.comment
        builder.creationDateSeconds = options.creationDateSeconds
        if let createdBy = options.createdBy { builder.createdBy = createdBy }
        return builder
    }

    private func choosePieceLength(totalSize: Int) throws(TorrentCreationError) -> Int {
        guard totalSize > 0 else { throw TorrentCreationError(.empty, path: source, reason: "it contains no bytes") }
        guard let length = options.pieceLength else { return PieceLength.suggested(totalSize: totalSize) }
        let isAligned = length >= Block.byteCount && length.nonzeroBitCount == 1
        guard length > 0, length <= limits.metainfoPieceLength, isAligned || options.format == .v1 else {
            let longest = limits.metainfoPieceLength
            let allowed =
                options.format == .v1
                ? "1 to \(longest)" : "a power of two from \(Block.byteCount) (16K) to \(longest) (\(longest >> 20)M)"
            let reason = "pieces of \(length) bytes are not allowed: their length is \(allowed)"
            throw TorrentCreationError(.pieceLength, path: source, reason: reason)
        }
        return length
    }

    /// Reads all files and passes their hashes to `builder`.
    private func hash(
        _ entries: [SourceEntry],
        for builder: inout MetainfoBuilder,
        progress: ByteProgressHandler?
    ) async throws {
        let (files, geometry) = builder.makeLayout()
        guard geometry.pieceCount <= limits.metainfoPieceCount else {
            let reason = "it has more than \(limits.metainfoPieceCount) pieces of \(geometry.pieceLength) bytes"
            throw TorrentCreationError(.limit, path: source, reason: reason)
        }
        let scan = SourceScan(
            geometry: geometry,
            layout: FileLayout(files: files, geometry: geometry),
            format: builder.format,
            reader: try SourceReader(
                source: source,
                entries: entries,
                layout: files,
                followsLinks: options.followsLinks
            ),
            results: SourceHashes(files: files, geometry: geometry, format: builder.format),
            meter: ProgressMeter(total: entries.reduce(0) { $0 + $1.size }, handler: progress),
            stop: StopFlag()
        )
        try await run(scan)
        builder.pieceHashes = PieceHashes(bytes: scan.results.pieceHashes) ?? PieceHashes()
        for (place, entry) in zip(files.indices, scan.reader.sources) {
            let firstPiece = files[place].offset / geometry.pieceLength
            guard let entry, let tree = scan.results.tree(of: place, firstPiece: firstPiece) else { continue }
            builder.files[entry].root = tree.root
            builder.files[entry].pieceLayer = tree.layer
        }
    }

    private func run(_ scan: SourceScan) async throws {
        do throws(CancellationError) {
            let all = Bitfield(count: scan.geometry.pieceCount, allSet: true)
            let places = ScanPlaces.shared
            try await scan.run(over: all, in: places, threadCount: options.threadCount ?? places.count, stop: scan.stop)
        } catch {
            throw scan.results.error.map { TorrentCreationError($0) as any Error } ?? error
        }
        let reader = scan.reader
        let change = await ScanPlaces.shared.jobs.call { reader.findChange() } ?? nil
        if let change { throw TorrentCreationError(change) }
    }
}
