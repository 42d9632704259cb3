// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheTrackers
internal import RucheWire

/// Where a torrent's bytes are at an HTTP server (BEP 19).
struct WebSeedFiles: Sendable {
    private let layout: FileLayout
    private let info: TorrentInfo
    let geometry: PieceGeometry
    /// Bytes of a piece.
    let pieceLength: Int

    init(_ info: TorrentInfo) {
        layout = FileLayout(info)
        self.info = info
        geometry = info.geometry
        pieceLength = info.geometry.pieceLength
    }

    /// The file that the byte at `place` of the piece space lies in.
    func file(at place: Int) -> Int { parts(of: place..<place + 1).first?.file ?? 0 }

    /// All files from `file` on, whole.
    func parts(from file: Int) -> [FileLayout.Segment] {
        parts(of: info.files[file].range.lowerBound..<geometry.spaceSize)
    }

    /// Where `file` begins in the piece space.
    func start(of file: Int) -> Int { info.files[file].range.lowerBound }

    /// The pieces with bytes of `file`, which is not empty.
    func pieces(of file: Int) -> ClosedRange<Int> {
        info.files[file].range.lowerBound / pieceLength...(info.files[file].range.upperBound - 1) / pieceLength
    }

    /// Pieces with no byte in any of `files`.
    func pieces(without struck: Set<Int>) -> Bitfield {
        var pieces = Bitfield(count: geometry.pieceCount, allSet: true)
        for file in struck where info.files.indices.contains(file) && info.files[file].size > 0 {
            for piece in info.files[file].pieces(ofLength: pieceLength) { _ = pieces.remove(PieceIndex(piece)) }
        }
        return pieces
    }

    /// The parts of `range` of the piece space, file by file.
    func parts(of range: Range<Int>) -> [FileLayout.Segment] { Array(layout.segments(of: range)) }

    /// The files, padding aside, that have bytes in `piece`.
    func files(in piece: PieceIndex) -> Set<Int> {
        let start = piece.int * pieceLength
        return Set(parts(of: start..<start + geometry.dataByteCount(of: piece)).filter(\.isStored).map(\.file))
    }

    /// Bytes of a file.
    func size(of file: Int) -> Int { info.files[file].size }

    /// The URL of a file of the web seed at `base`: `base` itself for the only file of a torrent, unless it names a folder
    /// or a server only.
    ///
    /// Servers have the names of the metainfo, byte for byte, whatever the disk here calls them. Only a name that would
    /// leave its folder is replaced.
    func url(of file: Int, at base: String) -> String {
        let isFolder = base.hasSuffix("/")
        if !isFolder, WebSeedClient.isHostOnly(base) { return url(of: file, at: base + "/") }
        guard isFolder || !info.files[file].folder.isEmpty else { return base }
        let names = zip(info.metainfoPath(of: file), info.files[file].path).map { own, safe in
            Self.leavesFolder(own) ? Array(safe.utf8) : own
        }
        return base + (isFolder ? "" : "/") + names.map { PercentEncoding.encode($0) }.joined(separator: "/")
    }

    /// Whether servers and proxies, which decode a name before they look at it, may take it for more than a name.
    private static func leavesFolder(_ name: [UInt8]) -> Bool {
        name.isEmpty || name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8)
            || name.contains(UInt8(ascii: "/")) || name.contains(0)
    }
}
