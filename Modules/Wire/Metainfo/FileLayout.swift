// SPDX-License-Identifier: Apache-2.0

/// Gives every file its place in the piece space and its path on disk.
struct FileLayout {
    /// All files and padding, from 0 to `totalSize` without a gap.
    private(set) var entries: [FileEntry] = []
    /// Bytes of the piece space.
    private(set) var totalSize = 0

    private let pieceLength: Int
    private let limits: WireLimits

    /// Lays out `files` one after the other; where `alignsFiles` (v2 only) each that has bytes begins with a piece, and
    /// padding is put in between for that.
    init(
        _ files: [RawFile],
        name: String,
        pieceLength: Int,
        alignsFiles: Bool,
        limits: WireLimits
    ) throws(MetainfoError) {
        self.pieceLength = pieceLength
        self.limits = limits
        var table = PathTable(fileCount: files.count)
        let paths = files.map { Self.path(of: $0, below: name, in: &table) }
        entries.reserveCapacity(files.count)
        let lastWithBytes = files.lastIndex { $0.size > 0 } ?? 0
        for (index, file) in files.enumerated() {
            try append(file, path: paths[index])
            if alignsFiles, index < lastWithBytes { try appendPadding(below: name, after: file) }
        }
        try resolveSymlinks(files, paths: paths)
    }

    private static func path(of file: RawFile, below name: String, in table: inout PathTable) -> [String] {
        guard file.attributes.contains(.padding) else {
            return table.claim(file.path.map(PathSanitiser.component), below: name)
        }
        // Padding is never stored, so it has no path to defend.
        return file.path.isEmpty
            ? paddingPath(below: name, size: file.size) : [name] + file.path.map(PathSanitiser.component)
    }

    /// What BEP 47 has padding called.
    static func paddingPath(below name: String, size: Int) -> [String] { [name, ".pad", String(size)] }

    private mutating func append(_ file: RawFile, path: [String]) throws(MetainfoError) {
        var entry = FileEntry(path: path, size: file.size, offset: totalSize, root: file.root)
        entry.isPadding = file.attributes.contains(.padding)
        entry.isExecutable = file.attributes.contains(.executable)
        entry.isHidden = file.attributes.contains(.hidden)
        try advance(by: file.size, for: file)
        entries.append(entry)
    }

    private mutating func appendPadding(below name: String, after file: RawFile) throws(MetainfoError) {
        let size = Self.paddingSize(after: totalSize, pieceLength: pieceLength)
        guard size > 0 else { return }
        let path = Self.paddingPath(below: name, size: size)
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
        guard !overflow, (sum - 1) / pieceLength < limits.metainfoPieceCount else {
            throw file.view.mismatch(.limit, "info", expected: "at most \(limits.metainfoPieceCount) pieces")
        }
        totalSize = sum
    }

    private mutating func resolveSymlinks(_ files: [RawFile], paths: [[String]]) throws(MetainfoError) {
        let links = files.filter { $0.symlinkTarget != nil }
        guard let last = links.last else { return }
        guard links.count <= limits.metainfoSymlinkCount else {
            throw last.view.mismatch(.limit, "info", expected: "at most \(limits.metainfoSymlinkCount) symbolic links")
        }
        let resolver = SymlinkResolver(files: files, paths: paths)
        var targets: [[String]: [String]] = [:]
        for (file, path) in zip(files, paths) where file.symlinkTarget != nil {
            targets[path] = resolver.target(of: file)
        }
        for index in entries.indices where entries[index].size == 0 && !entries[index].isPadding {
            entries[index].symlinkTarget = targets[entries[index].path]
        }
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
