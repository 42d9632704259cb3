// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

private typealias Samples = MetainfoSamples

@Suite struct MetainfoErrorTests {
    private static let oneFile = [Samples.file("a")]

    @Test(arguments: [
        (Samples.v1(files: []), MetainfoError.Code.badValue, "info"),
        (Samples.v1(files: [Samples.file("a", length: 0)]), .badValue, "info"),
        (Samples.v1(files: [Samples.file("a", length: -1)]), .badValue, "info.files.length"),
        (Samples.v1(files: [Samples.file("a", length: "5")]), .wrongType, "info.files.length"),
        (Samples.v1(files: [Samples.file()]), .badValue, "info.files.path"),
        (Samples.v1(files: [Samples.file("a", extra: ["path": [1]])]), .wrongType, "info.files.path"),
        (Samples.v1(files: ["x"]), .wrongType, "info.files"),
        (Samples.v1(files: oneFile, changing: ["name": 1]), .wrongType, "info.name"),
        (Samples.v1(files: oneFile, changing: ["piece length": 0]), .badValue, "info.piece length"),
        (Samples.v1(files: oneFile, changing: ["piece length": -16_384]), .badValue, "info.piece length"),
        (Samples.v1(files: oneFile, changing: ["piece length": 536_870_913]), .badValue, "info.piece length"),
        (Samples.v1(files: oneFile, pieceCount: 2), .badValue, "info.pieces"),
        (Samples.v1(files: oneFile, changing: ["pieces": "short"]), .badValue, "info.pieces"),
        (Samples.v1(files: oneFile, changing: ["meta version": 3]), .unsupportedVersion, "info.meta version"),
        (Samples.v1(files: oneFile, changing: ["file tree": [:]]), .unsupportedVersion, "info.file tree"),
        (
            Samples.v1(files: [Samples.file("a", length: .integer(.max)), Samples.file("b", length: .integer(.max))]),
            .limit, "info"
        ),
        (Samples.v2(tree: [:]), .badValue, "info"),
        (Samples.v2(tree: "x"), .wrongType, "info.file tree"),
        (Samples.v2(tree: Samples.treeFile(length: 5)), .wrongType, "info.file tree"),
        (Samples.v2(tree: ["a": "x"]), .wrongType, "info.file tree"),
        (Samples.v2(tree: ["a": ["": ["length": 5]]]), .missing, "info.file tree.pieces root"),
        (Samples.v2(tree: ["a": ["": ["length": 5, "pieces root": "x"]]]), .badValue, "info.file tree.pieces root"),
        (Samples.v2(tree: ["a": ["": ["length": 0], "b": [:]]]), .badValue, "info.file tree"),
        (Samples.v2(tree: ["a": Samples.treeFile(length: 5, root: 0)]), .badValue, "info.file tree.pieces root"),
        (
            Samples.v2(tree: ["a": Samples.treeFile(length: 5)], changing: ["piece length": 49_152]), .badValue,
            "info.piece length"
        ),
        (
            Samples.v2(tree: ["a": Samples.treeFile(length: 5)], changing: ["piece length": 8_192]), .badValue,
            "info.piece length"
        ),
        (Samples.v2(tree: ["a": Samples.treeFile(length: 1 << 60)]), .limit, "info"),
    ])
    func refuses(info: BencodeValue, code: MetainfoError.Code, field: String) {
        let error = #expect(throws: MetainfoError.self) { try Samples.parse(info) }
        #expect(error?.code == code, "\(String(describing: error))")
        #expect(error?.field == field, "\(String(describing: error))")
    }

    @Test func tellsWhereInTheFile() {
        let text = "d4:infod6:lengthi-5e4:name1:a12:piece lengthi16384e6:pieces0:ee"
        let error = #expect(throws: MetainfoError.self) { try MetainfoParser.parse(Array(text.utf8)) }
        #expect(error?.description == "info.length at byte 16: expected a length of 0 or more, found -5")
    }

    @Test func v2WantsTheCanonicalForm() {
        let good = Samples.v2(tree: ["a": Samples.treeFile(length: 5)]).encoded
        #expect(throws: Never.self) { try MetainfoParser.parseInfo(good) }
        let text = String(decoding: good, as: UTF8.self)
        let overlong = Array(text.replacing("6:lengthi5e", with: "6:lengthi05e").utf8)
        let error = #expect(throws: MetainfoError.self) { try MetainfoParser.parseInfo(overlong) }
        #expect(error?.code == .notBencode)
    }

    @Test func boundsDepthOfTheTree() {
        var tree = Samples.treeFile(length: 5)
        for _ in 0..<WireLimits.standard.metainfoPathDepth { tree = ["d": tree] }
        #expect(throws: Never.self) { try Samples.parse(Samples.v2(tree: tree)) }
        let error = #expect(throws: MetainfoError.self) { try Samples.parse(Samples.v2(tree: ["d": tree])) }
        #expect(error?.code == .limit)
    }

    @Test func boundsFilesAndLinks() {
        var limits = WireLimits.standard
        limits.metainfoFileCount = 2
        limits.metainfoSymlinkCount = 1
        let three = Samples.v1(files: [Samples.file("a"), Samples.file("b"), Samples.file("c")]).encoded
        #expect(throws: MetainfoError.self) { try MetainfoParser.parseInfo(three, limits: limits) }
        limits.metainfoFileCount = 3
        #expect(throws: Never.self) { try MetainfoParser.parseInfo(three, limits: limits) }
        let links = Samples.v1(files: [Samples.file("a"), Samples.link("b", to: "a"), Samples.link("c", to: "a")])
            .encoded
        #expect(throws: MetainfoError.self) { try MetainfoParser.parseInfo(links, limits: limits) }
    }

    @Test func mutatedTorrentsNeverTrapAndStaySound() throws {
        var random = SeededRandom(seed: 11)
        let seeds = try [TorrentFormat.v1, .v2, .hybrid].map {
            try BuiltTorrent(format: $0).metainfo.encoded()
        }
        var accepted = 0
        for round in 0..<6_000 {
            let input = random.mutating(seeds[round % seeds.count])
            guard let metainfo = try? MetainfoParser.parse(input) else { continue }
            accepted += 1
            let info = metainfo.info
            #expect(info.files.reduce(0) { $0 + $1.size } == info.geometry.spaceSize, "round \(round)")
            #expect(info.files.allSatisfy { $0.path.first == info.name }, "round \(round)")
            #expect((try? MetainfoParser.parse(metainfo.encoded()).info.hashes) == info.hashes, "round \(round)")
        }
        #expect(accepted > 100)
    }
}
