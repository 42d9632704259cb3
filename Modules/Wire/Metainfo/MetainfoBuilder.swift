// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto

/// Creates .torrent files. The caller hashes the data.
///
/// First set `files`, `format` and `pieceLength`, which determine `makeLayout()`, the piece space to hash. Then set the
/// hashes, each file's by its index in `files` and the pieces' in the order of the layout; then call `makeMetainfo()`.
package struct MetainfoBuilder: Sendable {
    /// A file of the torrent.
    package struct File: Hashable, Sendable {
        /// Path components below the torrent's name; empty for the file of a single-file torrent.
        package var path: [String]
        /// The size in bytes; 0 for a symbolic link.
        package var size: Int
        /// Whether the file should be executable.
        package var isExecutable = false
        /// Whether the file should be hidden, on systems that support it.
        package var isHidden = false
        /// The target of a symbolic link: path components from the torrent's root.
        package var symlinkTarget: [String]?
        /// The root of the file's hash tree; required for v2 and hybrid, unless the file is empty.
        package var root: SHA256Digest?
        /// The tree's piece layer; required for v2 and hybrid if the file is longer than a piece.
        package var pieceLayer: [SHA256Digest] = []

        /// Creates a regular file; set other properties afterwards.
        package init(path: [String], size: Int) {
            self.path = path
            self.size = size
        }
    }

    /// The torrent's name, which is that of the file or folder.
    package let name: String
    /// Which clients can use the torrent.
    package let format: TorrentFormat
    /// Bytes in a piece.
    package let pieceLength: Int
    /// The files in the torrent's order, which is the byte order of their paths. Sizes, hashes and attributes may be
    /// set.
    package var files: [File]
    /// The v1 piece hashes in the order of `makeLayout()`; required for v1 and hybrid.
    package var pieceHashes = PieceHashes()
    /// Whether peers may come from trackers only (BEP 27).
    package var isPrivate = false
    /// Announce URLs by tier (BEP 12).
    package var trackers: [[String]] = []
    /// HTTP web seeds (BEP 19).
    package var webSeeds: [String] = []
    /// DHT nodes to bootstrap from (BEP 5).
    package var nodes: [NamedEndpoint] = []
    /// A free-form comment.
    package var comment: String?
    /// The program that creates the file.
    package var createdBy: String? = "Ruche/0.1"
    /// The creation time in seconds since 1970.
    package var creationDateSeconds: Int64?

    /// Prepares a torrent of `files`, in any order.
    package init(name: String, format: TorrentFormat, pieceLength: Int, files: [File]) {
        self.name = name
        self.format = format
        self.pieceLength = pieceLength
        // A v2 tree requires this order, and the v1 list of a hybrid must agree with it.
        self.files = files.sorted { a, b in
            a.path.lexicographicallyPrecedes(b.path) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// Returns the piece space: all files in order, with the padding between them, and its split into pieces.
    ///
    /// The paths are those given, below the torrent's name. They are not sanitised, because they name the files to
    /// read.
    package func makeLayout() -> (files: [FileEntry], geometry: PieceGeometry) {
        var entries: [FileEntry] = []
        var offset = 0
        func append(_ entry: FileEntry) {
            entries.append(entry)
            offset += entry.size
        }
        for (index, file) in files.enumerated() {
            var entry = FileEntry(path: [name] + file.path, size: file.size, offset: offset, root: file.root)
            entry.isExecutable = file.isExecutable
            entry.isHidden = file.isHidden
            entry.symlinkTarget = file.symlinkTarget.map { [name] + $0 }
            append(entry)
            let padding = paddingSize(afterFile: index, endingAt: offset)
            guard padding > 0 else { continue }
            let path = FilePlaces.paddingPath(below: name, size: padding)
            append(FileEntry(path: path, size: padding, offset: offset, isPadding: true))
        }
        return (entries, PieceGeometry(pieceLength: pieceLength, totalSize: offset, entries: entries))
    }

    /// Padding follows every file that does not fill its last piece. Engines that read hybrids expect it after the last
    /// file too, unless that is the only one. A v2 tree does not list padding, so there is none after its last file.
    private func paddingSize(afterFile index: Int, endingAt offset: Int) -> Int {
        guard format != .v1, files[index].size > 0, pieceLength > 0 else { return 0 }
        let isLast = !files[(index + 1)...].contains { $0.size > 0 }
        let isOnly = files.count == 1
        guard format == .hybrid ? !isOnly : !isLast else { return 0 }
        return FilePlaces.paddingSize(after: offset, pieceLength: pieceLength)
    }
}

extension MetainfoBuilder {
    /// Encodes the torrent.
    ///
    /// - Throws: `MetainfoError` if a parser would reject the result: hashes are missing or have the wrong number,
    ///   there are no bytes, or the piece length is not allowed.
    package func makeMetainfo(limits: WireLimits = .standard) throws(MetainfoError) -> Metainfo {
        try checkPaths()
        let info = try MetainfoParser.parseInfo(makeInfoDictionary(), limits: limits)
        var layers: [SHA256Digest: [SHA256Digest]] = [:]
        if format != .v1 {
            for file in files where file.size > pieceLength {
                if let root = file.root { layers[root] = file.pieceLayer }
            }
        }
        let metainfo = Metainfo(
            info: info,
            trackers: trackers,
            webSeeds: webSeeds,
            nodes: nodes,
            pieceLayers: layers,
            comment: comment,
            createdBy: createdBy,
            creationDateSeconds: creationDateSeconds
        )
        // Parsing the result checks the piece layers like a stranger's.
        return try MetainfoParser.parse(metainfo.encoded(), limits: limits)
    }

    /// Rejects invalid names, and paths that equal another path or lead through a file, which the tree cannot
    /// represent.
    private func checkPaths() throws(MetainfoError) {
        guard Self.canBeName(name) else {
            throw MetainfoError(.badValue, field: "name", at: 0, expected: "a name", found: "\"\(name)\"")
        }
        var previous: [[UInt8]]?
        for file in files {
            let path = file.path.map { Array($0.utf8) }
            let isSound = file.path.allSatisfy(Self.canBeName)
            guard isSound, !path.isEmpty || files.count == 1 else {
                throw pathError(file, expected: "components that are names")
            }
            // In sorted order, a path directly follows one that it repeats or leads through.
            if let previous, path.starts(with: previous) {
                throw pathError(file, expected: "a path that is not taken and does not lead through a file")
            }
            previous = path
        }
    }

    /// Whether a file or folder can be called `name`: it is not empty, `.` or `..`, and contains no separator and no
    /// NUL.
    package static func canBeName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    private func pathError(_ file: File, expected: String) -> MetainfoError {
        let found = file.path.joined(separator: "/")
        return MetainfoError(.badValue, field: "files.path", at: 0, expected: expected, found: found)
    }
}
