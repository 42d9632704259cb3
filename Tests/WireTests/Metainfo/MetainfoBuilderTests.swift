// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

/// A torrent with made-up contents, hashed here in a simple way.
struct BuiltTorrent {
    static let pieceLength = 32_768
    static let contents: [([String], [UInt8])] = [
        (["z"], bytes(7)), (["a", "two"], bytes(100_000)), (["a", "one"], bytes(32_768)), (["b.txt"], []),
        (["a.b"], bytes(16_385)), (["c"], bytes(65_536)),
    ]

    let metainfo: Metainfo

    static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13 &+ count) }
    }

    init(
        format: TorrentFormat,
        name: String = "built",
        contents: [([String], [UInt8])] = contents,
        changing change: (inout MetainfoBuilder) -> Void = { _ in }
    ) throws(MetainfoError) {
        let files = contents.map { MetainfoBuilder.File(path: $0.0, size: $0.1.count) }
        let contentByPath = Dictionary(uniqueKeysWithValues: contents)
        var builder = MetainfoBuilder(name: name, format: format, pieceLength: Self.pieceLength, files: files)
        for index in builder.files.indices where format != .v1 {
            Self.hash(&builder.files[index], contentByPath[builder.files[index].path] ?? [])
        }
        if format != .v2 {
            let space = builder.makeLayout().files.flatMap { entry in
                entry.isPadding
                    ? [UInt8](repeating: 0, count: entry.size) : contentByPath[Array(entry.path.dropFirst())] ?? []
            }
            let starts = stride(from: 0, to: space.count, by: Self.pieceLength)
            let hashes = starts.flatMap { SHA1.hash(Array(space[$0..<min($0 + Self.pieceLength, space.count)])).bytes }
            builder.pieceHashes = PieceHashes(bytes: hashes) ?? PieceHashes()
        }
        change(&builder)
        metainfo = try builder.makeMetainfo()
    }

    private static func hash(_ file: inout MetainfoBuilder.File, _ content: [UInt8]) {
        guard let tree = FileTree(byteCount: content.count, pieceLength: pieceLength) else { return }
        let leaves = stride(from: 0, to: content.count, by: 16_384).map {
            SHA256.hash(Array(content[$0..<min($0 + 16_384, content.count)]))
        }
        let layer = tree.makePieceLayer(fromLeaves: leaves) ?? []
        file.root = tree.hasPieceLayer ? tree.root(ofPieceLayer: layer) : tree.pieceRoot(ofLeaves: leaves)
        file.pieceLayer = tree.hasPieceLayer ? layer : []
    }
}

@Suite struct MetainfoBuilderTests {
    @Test(arguments: [TorrentFormat.v1, .v2, .hybrid])
    func whatIsBuiltReadsBack(format: TorrentFormat) throws {
        let built = try BuiltTorrent(format: format) { builder in
            builder.isPrivate = true
            builder.trackers = [["http://a/", "http://b/"], ["udp://c:1"]]
            builder.webSeeds = ["http://w/"]
            builder.comment = "words"
            builder.creationDateSeconds = 1_700_000_000
            builder.files[0].isExecutable = true
            builder.files[1].isHidden = true
        }
        let metainfo = try MetainfoParser.parse(built.metainfo.encoded())
        let info = metainfo.info
        #expect(info.pathTexts == ["built/a/one", "built/a/two", "built/a.b", "built/b.txt", "built/c", "built/z"])
        #expect(info.files.filter { !$0.isPadding }.map(\.size) == [32_768, 100_000, 16_385, 0, 65_536, 7])
        #expect((info.hashes.v1 != nil) == (format != .v2))
        #expect((info.hashes.v2 != nil) == (format != .v1))
        #expect(info.isPrivate)
        #expect(metainfo.trackers == [["http://a/", "http://b/"], ["udp://c:1"]])
        #expect(metainfo.webSeeds == ["http://w/"])
        #expect(metainfo.comment == "words")
        #expect(metainfo.createdBy == "Ruche/0.1")
        #expect(metainfo.creationDateSeconds == 1_700_000_000)
        #expect(info.files[0].isExecutable)
        #expect(info.files.first { $0.path.last == "two" }?.isHidden == true)
        #expect(metainfo.filesWithoutPieceLayer.isEmpty)
        #expect(metainfo.encoded() == built.metainfo.encoded())
    }

    @Test(arguments: [TorrentFormat.v1, .v2, .hybrid])
    func layoutIsThatOfTheTorrent(format: TorrentFormat) throws {
        let files = BuiltTorrent.contents.map { MetainfoBuilder.File(path: $0.0, size: $0.1.count) }
        let builder = MetainfoBuilder(name: "built", format: format, pieceLength: 32_768, files: files)
        let info = try BuiltTorrent(format: format).metainfo.info
        let layout = builder.makeLayout()
        #expect(layout.files.map(\.path) == info.files.map(\.path))
        #expect(layout.files.map(\.range) == info.files.map(\.range))
        #expect(layout.geometry == info.geometry)
    }

    @Test func hybridAndV2CutPiecesAlike() throws {
        let v2 = try BuiltTorrent(format: .v2).metainfo.info.geometry
        let hybrid = try BuiltTorrent(format: .hybrid).metainfo.info.geometry
        #expect(v2.pieceCount == hybrid.pieceCount)
        for index in 0..<v2.pieceCount {
            #expect(v2.dataByteCount(of: PieceIndex(index)) == hybrid.dataByteCount(of: PieceIndex(index)))
        }
    }

    @Test func singleFilesStandByThemselves() throws {
        for format in [TorrentFormat.v1, .v2, .hybrid] {
            let info = try BuiltTorrent(format: format, name: "x.bin", contents: [([], BuiltTorrent.bytes(70_000))])
                .metainfo.info
            #expect(info.isSingleFile)
            #expect(info.pathTexts == ["x.bin"])
            #expect(info.files.count == 1)
        }
    }

    @Test func symlinksSurvive() throws {
        for format in [TorrentFormat.v1, .v2, .hybrid] {
            let contents: [([String], [UInt8])] = [(["a"], [1, 2, 3]), (["link"], [])]
            let info = try BuiltTorrent(format: format, contents: contents) { $0.files[1].symlinkTarget = ["a"] }
                .metainfo.info
            #expect(info.files.first { $0.path.last == "link" }?.symlinkTarget == ["built", "a"])
        }
    }

    @Test func refusesWhatAReaderWouldRefuse() {
        #expect(throws: MetainfoError.self) { try BuiltTorrent(format: .v2) { $0.files[0].root = nil } }
        #expect(throws: MetainfoError.self) { try BuiltTorrent(format: .v2) { $0.files[1].pieceLayer.swapAt(0, 1) } }
        #expect(throws: MetainfoError.self) { try BuiltTorrent(format: .v1) { $0.pieceHashes = PieceHashes() } }
        #expect(throws: MetainfoError.self) { try BuiltTorrent(format: .v1, contents: [(["a"], [])]) }
        for path in [["a", "two"], ["a"], ["a", "two", "x"], [".."], [""], ["x/y"], []] {
            #expect(throws: MetainfoError.self, "\(path)") {
                try BuiltTorrent(format: .v1) { builder in
                    let files = builder.files + [.init(path: path, size: 0)]
                    let hashes = builder.pieceHashes
                    builder = MetainfoBuilder(name: "built", format: .v1, pieceLength: 32_768, files: files)
                    builder.pieceHashes = hashes
                }
            }
        }
    }

    @Test(arguments: [
        (0, 16_384), (1 << 25, 16_384), ((1 << 25) + 16_384, 32_768), (1 << 30, 524_288), (1 << 40, 16 << 20),
    ])
    func suggestsPieceLengths(totalSize: Int, length: Int) {
        #expect(PieceLength.suggested(totalSize: totalSize) == length)
    }
}
