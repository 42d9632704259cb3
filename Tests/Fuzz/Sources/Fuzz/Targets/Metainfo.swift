// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

extension FuzzTarget {
    static let metainfo = FuzzTarget(name: "metainfo", seeds: { seedTorrents.map { $0.encoded() } }) { bytes in
        guard let metainfo = try? MetainfoParser.parse(bytes) else { return }
        check(metainfo.info)
        _ = V2Layout(metainfo.info)
        let again = try? MetainfoParser.parse(metainfo.encoded())
        require(again?.info.hashes == metainfo.info.hashes, "writing it keeps its info-hashes")
        require(again?.pieceLayers == metainfo.pieceLayers, "writing it keeps its piece layers")
        require((try? MagnetLink(parsing: MagnetLink(metainfo).description)) != nil, "its magnet link can be parsed")
    }

    static let infoDictionary = FuzzTarget(name: "info", seeds: { seedTorrents.map(\.info.bytes) }) { bytes in
        guard let info = try? MetainfoParser.parseInfo(bytes) else { return }
        check(info)
        require((try? MetainfoParser.parseInfo(info.bytes))?.hashes == info.hashes, "reading it again gives the same")
    }

    private static func check(_ info: TorrentInfo) {
        var offset = 0
        for file in info.files {
            require(file.size >= 0 && file.offset == offset, "files cover the piece space without a gap")
            offset += file.size
            for path in [file.path, file.symlinkTarget ?? [info.name]] { check(path, below: info.name) }
        }
        require(offset == info.geometry.spaceSize, "sizes add up")
        // Compared byte by byte, because strings that differ only in normal form are equal.
        let paths = info.files.filter { !$0.isPadding }.map { $0.path.map { Array($0.utf8) } }
        require(Set(paths).count == paths.count, "no two files have one path")
        guard info.geometry.pieceCount > 0 else { return }
        for piece in [0, info.geometry.pieceCount / 2, info.geometry.pieceCount - 1].map(PieceIndex.init) {
            let byteCount = info.geometry.byteCount(of: piece)
            require(1...info.geometry.pieceLength ~= byteCount, "pieces have a length")
            require(0...byteCount ~= info.geometry.dataByteCount(of: piece), "padding is within its piece")
            for block in 0..<min(2, info.geometry.blockCount(of: piece)) {
                require(info.geometry.contains(info.geometry.block(block, of: piece)), "blocks are within their piece")
            }
        }
    }

    private static func check(_ path: [String], below name: String) {
        require(path.first == name, "paths begin with the torrent's name")
        for component in path {
            require(!component.isEmpty && component != "." && component != "..", "components are names")
            require(!component.utf8.contains { $0 == 0 || $0 == 0x2f }, "components hold no separators")
        }
    }

    /// A torrent of each format, with a small file, a file of more than a piece, an empty file and a symbolic link.
    private static let seedTorrents: [Metainfo] = [.v1, .v2, .hybrid].compactMap { (format: TorrentFormat) in
        let pieceLength = 16_384
        var builder = MetainfoBuilder(name: "seed", format: format, pieceLength: pieceLength, files: seedFiles)
        let layout = builder.makeLayout()
        let digest = [UInt8](repeating: 7, count: SHA1Digest.byteCount)
        let digests = [[UInt8]](repeating: digest, count: layout.geometry.pieceCount).flatMap(\.self)
        builder.pieceHashes = PieceHashes(bytes: format == .v2 ? [] : digests) ?? PieceHashes()
        builder.trackers = [["http://tracker.example/announce"], ["udp://tracker.example:6969"]]
        builder.webSeeds = ["http://seed.example/files/"]
        builder.nodes = [.init(host: "router.example", port: 6881)]
        builder.comment = "seed"
        return try? builder.makeMetainfo()
    }

    private static let seedFiles: [MetainfoBuilder.File] = {
        let leaf = SHA256.hash([UInt8](repeating: 1, count: 16_384))
        var small = MetainfoBuilder.File(path: ["a", "small"], size: 100)
        small.root = leaf
        var large = MetainfoBuilder.File(path: ["large"], size: 40_000)
        large.pieceLayer = [leaf, leaf, leaf]
        large.root = MerkleTree(base: large.pieceLayer)?.root
        large.isExecutable = true
        var link = MetainfoBuilder.File(path: ["link"], size: 0)
        link.symlinkTarget = ["a", "small"]
        return [small, MetainfoBuilder.File(path: ["empty"], size: 0), large, link]
    }()
}
