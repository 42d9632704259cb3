// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheTrackers
internal import RucheWire

/// Maps a torrent's bytes to files of an HTTP server (BEP 19).
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

    /// Returns the file of the byte at `place` in the piece space.
    func file(at place: Int) -> Int { parts(of: place..<place + 1).first?.file ?? 0 }

    /// Returns all of `file` and the files after it.
    func parts(from file: Int) -> [FileLayout.Segment] {
        parts(of: info.files[file].range.lowerBound..<geometry.spaceSize)
    }

    /// Returns where `file` starts in the piece space.
    func start(of file: Int) -> Int { info.files[file].range.lowerBound }

    /// Returns the pieces with bytes of `file`, which must not be empty.
    func pieces(of file: Int) -> ClosedRange<Int> {
        info.files[file].range.lowerBound / pieceLength...(info.files[file].range.upperBound - 1) / pieceLength
    }

    /// Returns the pieces without bytes of any of `struck`.
    func pieces(without struck: Set<Int>) -> Bitfield {
        var pieces = Bitfield(count: geometry.pieceCount, allSet: true)
        for file in struck where info.files.indices.contains(file) && info.files[file].size > 0 {
            for piece in info.files[file].pieces(ofLength: pieceLength) { _ = pieces.remove(PieceIndex(piece)) }
        }
        return pieces
    }

    /// Splits `range` of the piece space by file.
    func parts(of range: Range<Int>) -> [FileLayout.Segment] { Array(layout.segments(of: range)) }

    /// Returns the files, without padding, that have bytes in `piece`.
    func files(in piece: PieceIndex) -> Set<Int> {
        let start = piece.int * pieceLength
        return Set(parts(of: start..<start + geometry.dataByteCount(of: piece)).filter(\.isStored).map(\.file))
    }

    /// Returns the size of a file in bytes.
    func size(of file: Int) -> Int { info.files[file].size }

    /// Returns the URL of a file of the web seed at `base`: `base` itself for the only file of a torrent, unless it
    /// names a folder or only a server.
    ///
    /// Servers use the names in the metainfo, byte for byte, whatever the files are called on this disk. Only a name
    /// that would leave its folder is replaced.
    func url(of file: Int, at base: String) -> String {
        let isFolder = base.hasSuffix("/")
        if !isFolder, WebSeedClient.isHostOnly(base) { return url(of: file, at: base + "/") }
        guard isFolder || !info.files[file].folder.isEmpty else { return base }
        let names = zip(info.metainfoPath(of: file), info.files[file].path).map { own, safe in
            Self.leavesFolder(own) ? Array(safe.utf8) : own
        }
        return base + (isFolder ? "" : "/") + names.map { PercentEncoding.encode($0) }.joined(separator: "/")
    }

    /// Whether a server or proxy, which decodes names before it resolves them, could take `name` for more than a name.
    private static func leavesFolder(_ name: [UInt8]) -> Bool {
        name.isEmpty || name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8)
            || name.contains(UInt8(ascii: "/")) || name.contains(0)
    }
}
