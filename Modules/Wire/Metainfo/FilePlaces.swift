// SPDX-License-Identifier: Apache-2.0

/// Assigns every file its offset in the piece space and its path on disk.
struct FilePlaces {
    /// All files and padding, covering 0 to `totalSize` without gaps.
    private(set) var entries: [FileEntry] = []
    /// The size of the piece space in bytes.
    private(set) var totalSize = 0
    /// The metainfo's original paths, by index in `entries`, if they differ from those of the entries.
    private(set) var metainfoPaths: [Int: MetainfoPath] = [:]

    private let pieceLength: Int
    private var paths: FilePaths
    /// The index in `entries` of each file; empty unless some are symbolic links.
    private var places: [Int] = []

    /// Places `files` one after the other. If `alignsFiles` (v2 only), each nonempty file starts on a piece, with
    /// padding in between.
    init(
        _ files: [RawFile],
        _ paths: FilePaths,
        pieceLength: Int,
        alignsFiles: Bool
    ) throws(MetainfoError) {
        self.pieceLength = pieceLength
        self.paths = paths
        entries.reserveCapacity(files.count)
        let hasLinks = files.contains { $0.symlinkTarget != nil }
        let lastWithBytes = files.lastIndex { $0.size > 0 } ?? 0
        let claims = try self.paths.claimAll(files)
        for (index, file) in files.enumerated() {
            if hasLinks { places.append(entries.count) }
            try append(file, claims[index])
            if alignsFiles, index < lastWithBytes { try appendPadding(after: file) }
        }
        if hasLinks { try resolveSymlinks(files) }
    }

    /// The path that BEP 47 gives padding.
    static func paddingPath(below name: String, size: Int) -> [String] { [name, ".pad", String(size)] }

    private mutating func append(_ file: RawFile, _ claim: ClaimedPath) throws(MetainfoError) {
        if let own = claim.own { metainfoPaths[entries.count] = own }
        let (folder, name) = (claim.path.folder, claim.path.name)
        var entry = FileEntry(folder: folder, name: name, size: file.size, offset: totalSize, root: file.root)
        entry.isPadding = file.attributes.contains(.padding)
        entry.isExecutable = file.attributes.contains(.executable)
        entry.isHidden = file.attributes.contains(.hidden)
        try advance(by: file.size, for: file)
        entries.append(entry)
    }

    private mutating func appendPadding(after file: RawFile) throws(MetainfoError) {
        let size = Self.paddingSize(after: totalSize, pieceLength: pieceLength)
        guard size > 0 else { return }
        let path = Self.paddingPath(below: paths.name, size: size)
        entries.append(FileEntry(path: path, size: size, offset: totalSize, isPadding: true))
        try advance(by: size, for: file)
    }

    /// Bytes from `offset` to the next piece boundary; 0 if it is on one.
    static func paddingSize(after offset: Int, pieceLength: Int) -> Int {
        let past = offset % pieceLength
        return past == 0 ? 0 : pieceLength - past
    }

    /// The limit on pieces also limits every sum of sizes, far below what an `Int` holds.
    private mutating func advance(by size: Int, for file: RawFile) throws(MetainfoError) {
        let (sum, overflow) = totalSize.addingReportingOverflow(size)
        let limit = paths.limits.metainfoPieceCount
        guard !overflow, (sum - 1) / pieceLength < limit else {
            throw file.view.mismatch(.limit, "info", expected: "at most \(limit) pieces")
        }
        totalSize = sum
    }

    private mutating func resolveSymlinks(_ files: [RawFile]) throws(MetainfoError) {
        let links = files.indices.filter { files[$0].symlinkTarget != nil }
        let limit = paths.limits.metainfoSymlinkCount
        guard links.count <= limit else {
            throw files[links[limit]].view.mismatch(.limit, "info", expected: "at most \(limit) symbolic links")
        }
        var resolver = SymlinkResolver(files, granted: places.map { entries[$0] }, paths)
        for link in links { entries[places[link]].symlinkTarget = resolver.target(of: link) }
        try paths.work.note(resolver.workByteCount)
    }
}

extension PieceGeometry {
    /// Derives the padding at the end of pieces from `entries`, which cover `0..<totalSize`.
    init(pieceLength: Int, totalSize: Int, entries: [FileEntry]) {
        var padding: [PieceIndex: UInt32] = [:]
        var runStart = 0
        var end = 0
        for entry in entries where entry.size > 0 {
            end = entry.range.upperBound
            guard entry.isPadding else {
                runStart = end
                continue
            }
            // Visits every piece that ends in this padding, whose run may have started in an earlier entry.
            let first = entry.offset / pieceLength
            for piece in first..<(end - 1) / pieceLength + 1 {
                let pieceEnd = min((piece + 1) * pieceLength, totalSize)
                guard pieceEnd <= end else { break }
                padding[PieceIndex(piece)] = UInt32(pieceEnd - max(runStart, piece * pieceLength))
            }
        }
        self.init(pieceLength: pieceLength, totalSize: totalSize, padding: padding)
    }
}
