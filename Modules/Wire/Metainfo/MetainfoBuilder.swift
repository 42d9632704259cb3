// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// Makes .torrent files, from files that somebody else hashes.
///
/// First come `files`, `format` and `pieceLength`; they settle `makeLayout()`, the piece space to hash. Then come the
/// hashes, each file's by its place in `files` and the pieces' in the order of the layout; then `makeMetainfo()`.
public struct MetainfoBuilder: Sendable {
    /// Which clients the torrent is for.
    public enum Format: Hashable, Sendable {
        /// BEP 3: SHA-1 of pieces.
        case v1
        /// BEP 52: a SHA-256 tree for each file.
        case v2
        /// Both, over the same piece space.
        case hybrid
    }

    /// A file to go into the torrent.
    public struct File: Hashable, Sendable {
        /// Components below the torrent's name; empty for the file of a single-file torrent.
        public var path: [String]
        /// Bytes; 0 for a symbolic link.
        public var size: Int
        /// To be made executable.
        public var isExecutable = false
        /// To be hidden where the system has such files.
        public var isHidden = false
        /// Components, from the torrent's root, of what a symbolic link points to.
        public var symlinkTarget: [String]?
        /// The root of the file's tree; for v2 and hybrid, unless the file is empty.
        public var root: SHA256Digest?
        /// The tree's piece layer; for v2 and hybrid, where the file is longer than a piece.
        public var pieceLayer: [SHA256Digest] = []

        /// A plain file; the rest may be set after.
        public init(path: [String], size: Int) {
            self.path = path
            self.size = size
        }
    }

    /// The torrent's name, and the name of the file or folder.
    public let name: String
    /// Which clients the torrent is for.
    public let format: Format
    /// Bytes in a piece.
    public let pieceLength: Int
    /// The files in the torrent's order, which is that of their paths' bytes. Sizes, hashes and attributes may be set.
    public var files: [File]
    /// v1 piece hashes in the order of `makeLayout()`; for v1 and hybrid.
    public var pieceHashes = PieceHashes()
    /// Peers from trackers only (BEP 27).
    public var isPrivate = false
    /// Announce URLs by tier (BEP 12).
    public var trackers: [[String]] = []
    /// HTTP seeds (BEP 19).
    public var webSeeds: [String] = []
    /// DHT nodes to start from (BEP 5).
    public var nodes: [Metainfo.NodeAddress] = []
    /// Free text.
    public var comment: String?
    /// The program that makes the file.
    public var createdBy: String? = "Ruche/0.1"
    /// Seconds since 1970.
    public var creationDateSeconds: Int64?

    /// A torrent of `files`, in any order.
    public init(name: String, format: Format, pieceLength: Int, files: [File]) {
        self.name = name
        self.format = format
        self.pieceLength = pieceLength
        // A v2 tree has no other order, and the v1 list of a hybrid has to agree with it.
        self.files = files.sorted { a, b in
            a.path.lexicographicallyPrecedes(b.path) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// The piece space: all files in order, with the padding between them, and its cut into pieces.
    ///
    /// Paths here are those given, the torrent's name first: what is to be read, not what a stranger may write.
    public func makeLayout() -> (files: [FileEntry], geometry: PieceGeometry) {
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
            let path = FileLayout.paddingPath(below: name, size: padding)
            append(FileEntry(path: path, size: padding, offset: offset, isPadding: true))
        }
        return (entries, PieceGeometry(pieceLength: pieceLength, totalSize: offset, entries: entries))
    }

    /// Padding follows every file that does not fill its last piece. Engines that read hybrids expect it after the last
    /// file too, unless that is the only one; in v2 it is not written down, so there none follows the last.
    private func paddingSize(afterFile index: Int, endingAt offset: Int) -> Int {
        guard format != .v1, files[index].size > 0, pieceLength > 0 else { return 0 }
        let isLast = !files[(index + 1)...].contains { $0.size > 0 }
        let isOnly = files.count == 1
        guard format == .hybrid ? !isOnly : !isLast else { return 0 }
        return FileLayout.paddingSize(after: offset, pieceLength: pieceLength)
    }
}

extension MetainfoBuilder {
    /// The torrent.
    ///
    /// - Throws: `MetainfoError` where a reader of it would refuse it: hashes missing or wrong in number, no byte in
    ///   all files, a piece length that is not allowed.
    public func makeMetainfo(limits: WireLimits = .standard) throws(MetainfoError) -> Metainfo {
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
        // Reading it back checks the piece layers as a stranger's would be.
        return try MetainfoParser.parse(metainfo.encoded(), limits: limits)
    }

    /// Names that cannot be names, and paths that are another's or lead through another, which the tree cannot hold.
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
            // Sorted as they are, a path stands right after one that it repeats or goes through.
            if let previous, path.starts(with: previous) {
                throw pathError(file, expected: "a path that no other file has, or stands in the way of")
            }
            previous = path
        }
    }

    /// Whether a file or folder can be called `name`: it is not empty, `.` or `..`, and holds no separator and no NUL.
    package static func canBeName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    private func pathError(_ file: File, expected: String) -> MetainfoError {
        let found = file.path.joined(separator: "/")
        return MetainfoError(.badValue, field: "files.path", at: 0, expected: expected, found: found)
    }
}
