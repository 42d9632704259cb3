// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Testing

@testable import RucheStorage

/// The names of a torrent's files on disk, and where existing data is looked for.
@Suite struct FileNamesTests {
    private let sandbox = Sandbox()

    /// Names that some programs or systems cannot handle.
    private static let odd = [
        "aux.h", "con", "nul.txt", "COM1", "system\\x2dcryptsetup.slice", "tab\there", "photo\u{202e}gpj.exe", "README",
        "readme", "dot.", "a:b?*", "e\u{301}", "\u{e9}", String(repeating: "n", count: 241),
        String(repeating: "n", count: 251), String(repeating: "n", count: 255),
    ]

    /// Contents by name, as bytes, because strings that differ only in normal form are equal.
    private func makeSource() throws -> [[UInt8]: [UInt8]] {
        var contents: [[UInt8]: [UInt8]] = [:]
        for (index, name) in Self.odd.enumerated() {
            contents[Array(name.utf8)] = patternBytes(1_000 + index, seed: UInt64(index))
            try sandbox.put("src/\(name)", contents[Array(name.utf8)] ?? [])
        }
        try sandbox.put("src/f\tolder/file", [1, 2, 3])
        return contents
    }

    @Test("What was created from a folder can be verified from it", arguments: TorrentCreatorTests.formats)
    func createdIsVerified(format: TorrentFormat) async throws {
        _ = try makeSource()
        var options = TorrentOptions()
        options.format = format
        let metainfo = try await TorrentCreator(source: sandbox.at("src"), options: options).create().metainfo
        let store = try FileStore(metainfo.info, in: sandbox.path, options: .readOnly)
        let checker = PieceChecker(info: metainfo.info, store: store, verifier: metainfo.makeVerifier())
        let report = try await checker.check()
        #expect(report.have.isComplete)
        #expect(report.files.allSatisfy { $0.status == .complete })
        #expect(!sandbox.files.contains { $0.contains("probe") })
    }

    @Test(
        "So can a folder with one file, clashing names, and what is behind the user's own links",
        arguments: TorrentCreatorTests.formats,
        [["one"], ["src"], ["tab\t"], ["a\tb", "a_b", "d\t/x", "d_/x", "e\t", "e_/x"]]
    )
    func createdIsVerifiedElsewhere(format: TorrentFormat, names: [String]) async throws {
        for (index, name) in names.enumerated() {
            try sandbox.put("real/src/\(name)", patternBytes(20_000 + index, seed: UInt64(index)))
        }
        try sandbox.link("real/linked", to: "src")
        var options = TorrentOptions()
        options.format = format
        for name in ["src", "linked"] {
            let source = sandbox.at("real/\(name)")
            let metainfo = try await TorrentCreator(source: source, options: options).create().metainfo
            let store = try FileStore(metainfo.info, in: sandbox.at("real"), options: .readOnly)
            let verifier = metainfo.makeVerifier()
            let report = try await PieceChecker(info: metainfo.info, store: store, verifier: verifier).check()
            #expect(report.have.isComplete, "\(name)")
        }
    }

    @Test("A download filters deceptive characters, and finds everything again")
    func downloadsAreSafeAndFoundAgain() async throws {
        let contents = try makeSource()
        var options = TorrentOptions()
        options.format = .v1
        let info = try await TorrentCreator(source: sandbox.at("src"), options: options).create().metainfo.info
        try sandbox.makeFolder("got")
        for (index, file) in info.files.enumerated() where file.name.utf8.count > 250 {
            let store = try FileStore(info, in: sandbox.at("got"))
            let name = store.names.partial(index)
            #expect(name.utf8.count <= 255 && name != file.name)
            try #require(store.layout.isStored(index))
        }
        let source = try FileStore(info, in: sandbox.path, options: .readOnly)
        for isLater in [false, true] {
            let store = try FileStore(info, in: sandbox.at("got"))
            for piece in 0..<info.geometry.pieceCount {
                let count = info.geometry.byteCount(of: PieceIndex(piece))
                let bytes = try source.bytes(piece, 0, count)
                if isLater {
                    #expect(try store.bytes(piece, 0, count) == bytes)
                } else {
                    try store.put(piece, 0, bytes)
                }
            }
            // One run leaves them incomplete, and the next one finishes them.
            if isLater { for file in info.files.indices { try store.finish(file: file) } }
        }
        #expect(sandbox.bytes("got/src/tab_here") == contents[Array("tab\there".utf8)])
        #expect(sandbox.bytes("got/src/photogpj.exe") == contents[Array("photo\u{202e}gpj.exe".utf8)])
        #expect(sandbox.bytes("got/src/f_older/file") == [1, 2, 3])
        let kept = Self.odd.filter { !$0.unicodeScalars.contains(where: PathSanitiser.isDeceptive) }
        for name in kept { #expect(sandbox.bytes("got/src/\(name)") == contents[Array(name.utf8)], "\(name)") }
    }

    @Test("The metainfo's original path comes first, then the safe one")
    func ownPathComesFirst() throws {
        let info = try MetainfoParser.parseInfo(Self.info(of: ["a\tb"]))
        try sandbox.put("t/a_b", [1, 1])
        #expect(try FileStore(info, in: sandbox.path, options: .readOnly).bytes(0, 0, 2) == [1, 1])
        try sandbox.put("t/a\tb", [2, 2])
        #expect(try FileStore(info, in: sandbox.path, options: .readOnly).bytes(0, 0, 2) == [2, 2])
    }

    @Test("Neither path leads out of the folder, nor through a link")
    func ownPathsAreSafe() throws {
        let info = try MetainfoParser.parseInfo(Self.info(of: ["..", "a\tb"]))
        try sandbox.put("outside", [7, 7])
        try sandbox.makeFolder("down/t")
        try sandbox.link("down/t/a\tb", to: sandbox.at("outside"))
        let store = try FileStore(info, in: sandbox.at("down"))
        try store.put(0, 0, [1, 2, 3, 4])
        for file in info.files.indices { try store.finish(file: file) }
        #expect(sandbox.bytes("outside") == [7, 7])
        #expect(sandbox.bytes("down/t/a_b") == [3, 4])
        #expect(sandbox.bytes("down/t/_") == [1, 2])
    }

    /// Returns a v1 info dictionary of files of two bytes each, below `t`.
    private static func info(of names: [String]) -> [UInt8] {
        let files = names.map {
            BencodeValue.dictionary([
                Array("length".utf8): 2, Array("path".utf8): .list([.text($0)]),
            ])
        }
        return BencodeValue.dictionary([
            Array("files".utf8): .list(files), Array("name".utf8): "t", Array("piece length".utf8): 16,
            Array("pieces".utf8): .string([UInt8](repeating: 7, count: 20)),
        ]).encoded
    }
}

/// The names that files get on a file system that cannot store a torrent's own.
@Suite struct NameFittingTests {
    private struct Rules: NameRules {
        var nameByteCount = 255
        var folds = false
        var refused: Set<Character> = []

        func holds(_ name: String) -> Bool {
            name.utf8.count <= nameByteCount && !name.contains(where: refused.contains)
        }
        func isFolding() -> Bool { folds }
    }

    private func fit(_ paths: [String], to rules: Rules) throws -> [String] {
        let info = TorrentInfo.test(pieceLength: 8, paths.map { TestFile($0, 1) })
        let places = try NameFitting(info.files).fit(to: rules)
        return info.files.indices.map { index in
            let place = places[index]
            let (folder, name) = (place?.folder ?? info.files[index].folder, place?.name ?? info.files[index].name)
            return (folder + [name]).joined(separator: "/")
        }
    }

    @Test func namesAreKeptWhereTheyCanBe() throws {
        let paths = ["t/README", "t/readme", "t/a:b", "t/" + String(repeating: "x", count: 255)]
        #expect(try fit(paths, to: Rules()) == paths)
    }

    @Test func namesThatCollideOnDiskGetDistinctNames() throws {
        let paths = ["t/README", "t/readme", "t/d/x", "t/D/x", "t/D/y", "t/\u{e9}", "t/e\u{301}"]
        let fitted = ["t/README", "t/readme.1", "t/d/x", "t/d/x.1", "t/d/y", "t/\u{e9}", "t/e\u{301}.1"]
        #expect(try fit(paths, to: Rules(folds: true)) == fitted)
    }

    @Test func longNamesBecomeShortAndStayApart() throws {
        let long = String(repeating: "x", count: 255)
        let fitted = try fit(["t/\(long).a", "t/\(long)y.a", "t/ok"], to: Rules(nameByteCount: 143))
        let short = String(repeating: "x", count: 133) + ".a"
        #expect(fitted == ["t/\(short)", "t/\(String(repeating: "x", count: 133)).1.a", "t/ok"])
    }

    @Test func whatTheDiskRefusesIsReplaced() throws {
        let fitted = try fit(["t/a:b/c", "t/a_b/c", "t/a?"], to: Rules(refused: [":", "?"]))
        #expect(fitted == ["t/a_b/c", "t/a_b/c.1", "t/a_"])
    }

    @Test("The file system of this folder is probed, and left unchanged")
    func theDiskIsAsked() throws {
        let sandbox = Sandbox()
        let root = try Descriptor.open(path: sandbox.path, .folder)
        let system = FileSystemNames(root, mayWrite: true)
        let folds = try system.isFolding()
        #expect(sandbox.files.isEmpty)
        try sandbox.put("lower", [1])
        #expect(sandbox.exists("LOWER") == folds)
        #expect(try system.isFolding() == folds)
        #expect(try FileSystemNames(root, mayWrite: false).isFolding() == folds)
        #expect(system.holds(String(repeating: "x", count: system.nameByteCount)))
        #expect(!system.holds(String(repeating: "x", count: 1_024)))
    }
}
