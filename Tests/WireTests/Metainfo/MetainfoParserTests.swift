// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

private typealias Samples = MetainfoSamples

@Suite struct MetainfoParserTests {
    @Test func readsASingleFile() throws {
        let text =
            "d8:announce9:http://t/4:infod6:lengthi5e4:name5:a.txt12:piece lengthi16384e6:pieces20:01234567890123456789ee"
        let metainfo = try MetainfoParser.parse(Array(text.utf8))
        let info = metainfo.info
        #expect(info.isSingleFile)
        #expect(info.files == [FileEntry(path: ["a.txt"], size: 5, offset: 0)])
        #expect(info.hashes.v1 == SHA1.hash(Array(text.utf8.dropFirst(28).dropLast())))
        #expect(info.hashes.v2 == nil)
        #expect(metainfo.trackers == [["http://t/"]])
        #expect(!info.isPrivate)
    }

    @Test func laysV2FilesOutWithPaddingBetween() throws {
        let length = Samples.pieceLength
        let tree: BencodeValue = [
            "a": Samples.treeFile(length: 5, root: 1), "b": Samples.treeFile(length: 0),
            "c": ["d": Samples.treeFile(length: Int64(length), root: 2)],
            "e": Samples.treeFile(length: 40_000, root: 3),
        ]
        let info = try Samples.parse(Samples.v2(tree: tree))
        #expect(info.files.map(\.size) == [5, length - 5, 0, length, 40_000])
        #expect(info.files.map(\.isPadding) == [false, true, false, false, false])
        #expect(info.files.map(\.offset) == [0, 5, length, length, 2 * length])
        #expect(info.pathTexts == ["sample/a", "sample/b", "sample/c/d", "sample/e"])
        #expect(info.geometry.spaceSize == 2 * length + 40_000)
        #expect(info.geometry.pieceCount == 4)
        #expect((0..<4).map { info.geometry.dataByteCount(of: PieceIndex(UInt32($0))) } == [5, length, length, 7_232])
        #expect(info.hashes.v1 == nil)
    }

    @Test func findsPiecesInTheirFilesTrees() throws {
        let tree: BencodeValue = [
            "a": Samples.treeFile(length: 5, root: 1), "b": Samples.treeFile(length: 0),
            "c": Samples.treeFile(length: 100_000, root: 2),
        ]
        let info = try Samples.parse(Samples.v2(tree: tree))
        let layout = try #require(V2Layout(info))
        let places = (0..<6).map { layout.place(of: PieceIndex(UInt32($0))) }
        #expect(places.map { $0?.file.index } == [0, 3, 3, 3, 3, nil])
        #expect(places.map { $0?.pieceInFile } == [0, 0, 1, 2, 3, nil])
        #expect(places.map { $0?.blockCount } == [1, 2, 2, 2, 1, nil])
        #expect(places.map { $0?.isOnlyPiece } == [true, false, false, false, false, nil])
        let metainfo = Metainfo(info: info)
        #expect(metainfo.filesWithoutPieceLayer.map(\.index) == [3])
        #expect(try metainfo.pieceRoot(at: #require(places[0])) == SHA256Digest([UInt8](repeating: 1, count: 32)))
        #expect(try metainfo.pieceRoot(at: #require(places[1])) == nil)
    }

    @Test func v2NamesASingleFileByTheTree() throws {
        let info = try Samples.parse(Samples.v2(tree: ["inner.bin": Samples.treeFile(length: 5)]))
        #expect(info.isSingleFile)
        #expect(info.name == "inner.bin")
        #expect(info.pathTexts == ["inner.bin"])
        // It may have come from a folder, which such a tree does not show.
        #expect(info.existingPaths(of: 0).map { $0.folder + [$0.name] } == [["sample", "inner.bin"]])
        let filtered = try Samples.parse(Samples.v2(tree: ["in\tner": Samples.treeFile(length: 5)]))
        #expect(filtered.existingPaths(of: 0).map { $0.folder + [$0.name] } == [["sample", "in\tner"], ["in\tner"]])
        let nested = try Samples.parse(Samples.v2(tree: ["dir": ["inner.bin": Samples.treeFile(length: 5)]]))
        #expect(!nested.isSingleFile)
        #expect(nested.pathTexts == ["sample/dir/inner.bin"])
    }

    @Test func countsPaddingThatEndsPieces() throws {
        let length = Int64(Samples.pieceLength)
        let padding: [String: BencodeValue] = ["attr": "p"]
        let files = [
            Samples.file("a", length: .integer(length - 10)), Samples.file("p", length: 4, extra: padding),
            Samples.file("q", length: .integer(6 + 2 * length), extra: padding), Samples.file("b", length: 3),
            Samples.file("r", length: 1, extra: padding), Samples.file("c", length: 1),
            Samples.file("s", length: 2, extra: padding),
        ]
        let info = try Samples.parse(Samples.v1(files: files, pieceCount: 4))
        let data = (0..<4).map { info.geometry.dataByteCount(of: PieceIndex(UInt32($0))) }
        #expect(data == [Samples.pieceLength - 10, 0, 0, 5])
    }

    @Test func namesAreSafeWhereverTheyStand() throws {
        let files = [
            Samples.file("..", "..", "etc", "passwd"), Samples.file("/"), Samples.file("CON"), Samples.file("a", "A/"),
        ]
        let info = try Samples.parse(Samples.v1(files: files, changing: ["name": "../x"]))
        #expect(info.pathTexts == ["..x/_/_/etc/passwd", "..x/_.1", "..x/CON", "..x/a/A"])
        let unnamed = try Samples.parse(Samples.v1(files: [Samples.file("a")], changing: ["name": ".."]))
        #expect(unnamed.name == unnamed.hashes.v1?.description)
    }

    @Test func keepsSymlinksInsideTheTorrent() throws {
        let files = [
            Samples.file("a", "b"), Samples.link("up", to: "..", "..", "etc"), Samples.link("self", to: "self"),
            Samples.link("loop1", to: "loop2"), Samples.link("loop2", to: "loop1"),
            Samples.link("nowhere", to: "x", "y"),
            Samples.link("root", to: "/etc/passwd"), Samples.link("ok", to: "a", "b"), Samples.link("dir", to: "a"),
            Samples.link("through", to: "dir", "b"), Samples.link("d", "rel", to: "..", "a", "b"),
            Samples.link("chain", to: "through"), Samples.link("empty"),
        ]
        let info = try Samples.parse(Samples.v1(files: files))
        let targets = info.files.map { $0.symlinkTarget?.joined(separator: "/") }
        #expect(targets[1...6].allSatisfy { $0 == nil })
        #expect(
            Array(targets[7...]) == [
                "sample/a/b", "sample/a", "sample/dir/b", "sample/a/b", "sample/through", nil,
            ]
        )
    }

    @Test func noPathLeadsThroughASymlink() throws {
        let files = [Samples.file("a", "b"), Samples.link("d", to: "a"), Samples.file("d", "b")]
        let info = try Samples.parse(Samples.v1(files: files))
        #expect(info.pathTexts == ["sample/a/b", "sample/d", "sample/d.1/b"])
    }

    @Test func readsSourcesAndLeavesOutWhatIsWrong() throws {
        let torrent: BencodeValue = [
            "announce": "http://single/",
            "announce-list": [["udp://a", " udp://b\n", "udp://a"], [], [7, ""], ["udp://c"], "udp://d"],
            "comment": "hello", "created by": 5, "creation date": "never",
            "info": Samples.v1(files: [Samples.file("a"), Samples.file("b")]),
            "nodes": [["host", 6881], ["host", 0], ["", 1], ["host", 70_000], "x", ["2001:db8::1", 80]],
            "url-list": ["http://w/a b", "http://w/a%20b/", 5, "", "http://v"],
        ]
        let metainfo = try MetainfoParser.parse(torrent.encoded)
        #expect(metainfo.trackers == [["udp://a", "udp://b"], ["udp://c"]])
        #expect(metainfo.webSeeds == ["http://w/a%20b/", "http://v/"])
        #expect(metainfo.nodes == [.init(host: "host", port: 6881), .init(host: "2001:db8::1", port: 80)])
        #expect(metainfo.comment == "hello")
        #expect(metainfo.createdBy == nil)
        #expect(metainfo.creationDateSeconds == nil)
        #expect(try MetainfoParser.parse(metainfo.encoded()).nodes == metainfo.nodes)
    }

    @Test func keepsTheMetainfosOwnPathBesideTheSafeOne() throws {
        let files = [
            Samples.file("tab\t", "a\u{202e}b"), Samples.file("plain"), Samples.file("plain"),
            Samples.file("tab\t", "c"),
            Samples.file("..", "d"), Samples.file("tab_", "c"),
        ]
        let info = try Samples.parse(Samples.v1(files: files))
        #expect(
            info.pathTexts == [
                "sample/tab_/ab", "sample/plain", "sample/plain.1", "sample/tab_/c.1", "sample/_/d", "sample/tab_/c",
            ]
        )
        let own = info.files.indices.map { file in
            info.metainfoPath(of: file).map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
        }
        #expect(
            own == [
                "sample/tab\t/a\u{202e}b", "sample/plain", "sample/plain", "sample/tab\t/c", "sample/../d",
                "sample/tab_/c",
            ]
        )
        // Only what a download removes leads to another location: a path that no other file can have.
        #expect(info.filesWithExistingPaths == [0, 3])
        #expect(info.existingPaths(of: 0).first?.folder == ["sample", "tab\t"])
        #expect(info.existingPaths(of: 0).first?.name == "a\u{202e}b")
    }

    @Test("A name that needs no change is never given to another file")
    func unchangedNamesComeFirst() throws {
        let files = [
            Samples.file("a\tb"), Samples.file("a_b"), Samples.file("d\t"), Samples.file("d_", "x"),
            Samples.file("e\t", "x"), Samples.file("e_"), Samples.file("f\t", "x"), Samples.file("f_", "x"),
        ]
        let info = try Samples.parse(Samples.v1(files: files))
        #expect(
            info.pathTexts == [
                "sample/a_b.1", "sample/a_b", "sample/d_.1", "sample/d_/x", "sample/e_.1/x", "sample/e_",
                "sample/f_/x.1", "sample/f_/x",
            ]
        )
        #expect(info.filesWithExistingPaths == [0, 2, 4, 6])
    }

    @Test("A UTF-8 variant that is unusable is ignored", arguments: [5, "", "\u{ff}", .list([])] as [BencodeValue])
    func unusableVariants(value: BencodeValue) throws {
        let unusable = value == "\u{ff}" ? BencodeValue.string([0xff]) : value
        let variant: [String: BencodeValue] = ["path.utf-8": .list([unusable])]
        let file = Samples.file("a", extra: value == .list([]) ? ["path.utf-8": value] : variant)
        let info = try Samples.parse(Samples.v1(files: [file], changing: ["name.utf-8": unusable]))
        #expect(info.pathTexts == ["sample/a"])
    }

    @Test func attributesOfAWrongTypeCountAsNone() throws {
        let info = try Samples.parse(Samples.v1(files: [Samples.file("a", extra: ["attr": 5])]))
        #expect(info.pathTexts == ["sample/a"] && !info.files[0].isExecutable)
    }

    @Test func aTorrentsOwnNameIsKeptToo() throws {
        let info = try Samples.parse(Samples.v1(files: [Samples.file("a")], changing: ["name": "x\ty"]))
        #expect(info.name == "x_y")
        #expect(info.existingPaths(of: 0).first?.folder == ["x\ty"])
        for name in ["", ".."] {
            let info = try Samples.parse(Samples.v1(files: [Samples.file("a\t")], changing: ["name": .text(name)]))
            #expect(info.name == info.hashes.v1?.description)
            #expect(info.filesWithExistingPaths.isEmpty)
        }
    }

    @Test func anyNumberButZeroMakesItPrivate() throws {
        for (value, isPrivate) in [(0, false), (1, true), (2, true), (-1, true)] as [(Int64, Bool)] {
            let info = Samples.v1(files: [Samples.file("a")], changing: ["private": .integer(value)])
            #expect(try Samples.parse(info).isPrivate == isPrivate)
        }
    }

    @Test func anUnusableUTF8NameGivesWayToThePlainOne() throws {
        let file = Samples.file("plain", extra: ["path.utf-8": 7])
        let info = try Samples.parse(Samples.v1(files: [file], changing: ["name.utf-8": 7]))
        #expect(info.pathTexts == ["sample/plain"])
    }

    @Test func nothingInATreeIsPadding() throws {
        let file: BencodeValue = [
            "": ["attr": "p", "length": 5, "pieces root": .string(Array(repeating: 1, count: 32))]
        ]
        let info = try Samples.parse(Samples.v2(tree: ["a": file, "b": Samples.treeFile(length: 3)]))
        #expect(info.files.map(\.isPadding) == [false, true, false])
        #expect(info.geometry.dataByteCount(of: PieceIndex(0)) == 5)
    }

    @Test func namesThatWindowsCannotKeepAreKnown() throws {
        let files = ["aux.h", "ok", "a:b", "README", "readme", "x.", "c\\d", "con"].map { Samples.file($0) }
        let info = try Samples.parse(Samples.v1(files: files + [Samples.file("NUL", "x")]))
        let unfit = info.filesUnfitForWindows.map { info.files[$0].path.dropFirst().joined(separator: "/") }
        #expect(unfit == ["aux.h", "a:b", "readme", "x.", "c\\d", "con", "NUL/x"])
    }
}
