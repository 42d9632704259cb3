// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire

/// Where a torrent's bytes are at an HTTP server (BEP 19).
struct WebSeedFiles: Sendable {
    private let layout: FileLayout
    private let files: [FileEntry]
    /// Bytes of a piece.
    let pieceLength: Int

    init(_ info: TorrentInfo) {
        layout = FileLayout(info)
        files = info.files
        pieceLength = info.geometry.pieceLength
    }

    /// The parts of `range` of the piece space, file by file.
    func parts(of range: Range<Int>) -> [FileLayout.Segment] { Array(layout.segments(of: range)) }

    /// Bytes of a file.
    func size(of file: Int) -> Int { files[file].size }

    /// The URL of a file of the web seed at `base`: `base` itself for the only file of a torrent, unless it names a folder.
    func url(of file: Int, at base: String) -> String {
        let path = files[file].path
        let isFolder = base.hasSuffix("/")
        guard isFolder || path.count > 1 else { return base }
        let suffix = path.map { PercentEncoding.encode($0.utf8) }.joined(separator: "/")
        return base + (isFolder ? "" : "/") + suffix
    }
}
