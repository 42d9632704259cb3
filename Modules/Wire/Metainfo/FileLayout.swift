// SPDX-License-Identifier: Apache-2.0

/// Gives every file its place in the piece space and its path on disk.
struct FileLayout {
    /// All files and padding, from 0 to `totalSize` without a gap.
    private(set) var entries: [FileEntry] = []
    /// Bytes of the piece space.
    private(set) var totalSize = 0
    /// The metainfo's own paths, by place in `entries`, where they differ from those of the entries.
    private(set) var metainfoPaths: [Int: MetainfoPath] = [:]

    private let pieceLength: Int
    private var paths: FilePaths
    /// The entries of the files, by place in their list; empty unless some are symbolic links.
    private var places: [Int] = []

    /// Lays out `files` one after the other; where `alignsFiles` (v2 only) each that has bytes begins with a piece, and
    /// padding is put in between for that.
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
        for (index, file) in files.enumerated() {
            if hasLinks { places.append(entries.count) }
            try append(file)
            if alignsFiles, index < lastWithBytes { try appendPadding(after: file) }
        }
        if hasLinks { try resolveSymlinks(files) }
    }

    /// What BEP 47 has padding called.
    static func paddingPath(below name: String, size: Int) -> [String] { [name, ".pad", String(size)] }

    private mutating func append(_ file: RawFile) throws(MetainfoError) {
        let isPadding = file.attributes.contains(.padding)
        let (path, own) = isPadding ? (paths.padding(file), nil) : try paths.claim(file)
        if let own { metainfoPaths[entries.count] = own }
        var entry = FileEntry(folder: path.folder, name: path.name, size: file.size, offset: totalSize, root: file.root)
        entry.isPadding = isPadding
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

    /// Bytes from `offset` to the next piece; 0 where one begins there.
    static func paddingSize(after offset: Int, pieceLength: Int) -> Int {
        let past = offset % pieceLength
        return past == 0 ? 0 : pieceLength - past
    }

    /// Bounding the pieces bounds every sum of sizes, far below what an `Int` holds.
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
    /// The cut of `entries`, which cover `0..<totalSize`, with the padding that ends pieces.
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
            // Every piece that ends in this stretch of padding; the run may have begun in an entry before.
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
