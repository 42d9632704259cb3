// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Synchronization
import Testing

@testable import RucheStorage

@Suite struct TorrentCreatorTests {
    static let formats: [TorrentFormat] = [.v1, .v2, .hybrid]

    private static func options(_ format: TorrentFormat = .hybrid) -> TorrentOptions {
        var options = TorrentOptions()
        options.format = format
        options.pieceLength = SourceFolder.pieceLength
        return options
    }

    @Test(arguments: formats)
    func whatIsMadeParsesBackAndVerifiesItsData(format: TorrentFormat) async throws {
        let folder = try SourceFolder()
        let torrent = try await TorrentCreator(source: folder.path, options: Self.options(format)).create()
        let info = try MetainfoParser.parse(torrent.bytes).info
        #expect(info.hashes == torrent.metainfo.info.hashes)
        #expect((info.hashes.v1 != nil) == (format != .v2))
        #expect((info.hashes.v2 != nil) == (format != .v1))
        #expect(torrent.skipped.isEmpty)

        let files = info.files.filter { !$0.isPadding }
        let sizes = Dictionary(uniqueKeysWithValues: files.map { ($0.path.joined(separator: "/"), $0.size) })
        #expect(sizes == SourceFolder.sizes)
        #expect(files.filter(\.isExecutable).map(\.path) == [["src", "block"]])
        #expect(info.files.contains(where: \.isPadding) == (format != .v1))

        let store = try FileStore(info, in: folder.sandbox.path, options: .readOnly)
        let verifier = torrent.metainfo.makeVerifier()
        let report = try await PieceChecker(info: info, store: store, verifier: verifier).check()
        #expect(report.have.isComplete)
        #expect(report.files.allSatisfy { $0.status == .complete })
    }

    @Test(arguments: formats)
    func damageOnDiskIsFound(format: TorrentFormat) async throws {
        let folder = try SourceFolder()
        let torrent = try await TorrentCreator(source: folder.path, options: Self.options(format)).create()
        let info = torrent.metainfo.info
        let name = "src/Zürich/more pieces"
        try folder.sandbox.put(name, Array(try #require(folder.sandbox.bytes(name)).dropLast(100_000)))
        try folder.sandbox.remove("src/.hidden")

        let store = try FileStore(info, in: folder.sandbox.path, options: .readOnly)
        let verifier = torrent.metainfo.makeVerifier()
        let report = try await PieceChecker(info: info, store: store, verifier: verifier).check()
        let statuses = Dictionary(
            uniqueKeysWithValues: report.files.map { (info.files[$0.fileIndex].path.joined(separator: "/"), $0.status) }
        )
        #expect(statuses["src/.hidden"] == .missing)
        #expect(statuses[name] == .damaged)
        #expect(statuses["src/zz/last"] == .complete)
        #expect(!report.have.isComplete && !report.have.isEmpty)
    }

    @Test(.enabled(if: LibtorrentMaker.isInstalled, "Python has no libtorrent here"), arguments: formats)
    func foldersHashAsLibtorrentHashesThem(format: TorrentFormat) async throws {
        let folder = try SourceFolder()
        let ours = try await TorrentCreator(source: folder.path, options: Self.options(format)).create().metainfo
        let theirs = try LibtorrentMaker.make(folder.path, format, pieceLength: SourceFolder.pieceLength)
        #expect(ours.info.files == theirs.info.files)
        #expect(ours.info.pieceHashes == theirs.info.pieceHashes)
        #expect(ours.pieceLayers == theirs.pieceLayers)
        #expect(ours.info.hashes == theirs.info.hashes)
    }

    @Test(
        .enabled(if: LibtorrentMaker.isInstalled, "Python has no libtorrent here"),
        arguments: formats,
        [1, 16_384, 65_536, 1_000_000]
    )
    func singleFilesHashAsLibtorrentHashesThem(format: TorrentFormat, size: Int) async throws {
        let sandbox = Sandbox()
        var generator = SeededGenerator(seed: UInt64(size))
        try sandbox.put("file.bin", generator.bytes(size))
        let path = sandbox.at("file.bin")
        let ours = try await TorrentCreator(source: path, options: Self.options(format)).create().metainfo
        let theirs = try LibtorrentMaker.make(path, format, pieceLength: SourceFolder.pieceLength)
        #expect(ours.info.isSingleFile)
        #expect(ours.info.pieceHashes == theirs.info.pieceHashes)
        #expect(ours.pieceLayers == theirs.pieceLayers)
        #expect(ours.info.hashes == theirs.info.hashes)
    }

    @Test("A torrent has the name of the folder, however its path is written")
    func names() throws {
        let sandbox = Sandbox()
        let name = "\u{feff}\u{301}x:%41"
        try sandbox.makeFolder("\(name)/inner")
        try sandbox.link("link", to: name)
        func made(_ path: String) -> String { TorrentCreator(source: sandbox.at(path)).name }
        for ending in ["", "/", "//", "/.", "/./", "/inner/..", "/inner/../"] {
            #expect(Array(made(name + ending).utf8) == Array(name.utf8), "\(ending)")
        }
        #expect(made("link") == "link" && made("link/.") == "link" && made("absent") == "absent")
        #expect(Array(made("link/inner/..").utf8) == Array(name.utf8))
        let here = FileManager.default.currentDirectoryPath
        #expect(TorrentCreator(source: ".").name == PathText.split(here).name)
        for path in ["/", "//", "/.", "/.."] {
            #expect(throws: TorrentCreationError.self) { try TorrentCreator(source: path).checkName() }
        }
    }

    @Test func aTorrentKnowsTheFilesThatItWasMadeOf() async throws {
        let sandbox = Sandbox()
        try sandbox.put("outside", [1, 2])
        try sandbox.put("other", [1, 2])
        try sandbox.put("src/a", [3])
        try sandbox.link("src/link", to: "../outside")
        var options = TorrentOptions()
        options.followsLinks = true
        let torrent = try await TorrentCreator(source: sandbox.at("src"), options: options).create()
        #expect(link(sandbox.at("src/a"), sandbox.at("hard")) == 0)
        for name in ["outside", "src/a", "src/link", "hard"] { #expect(torrent.isMade(ofFile: sandbox.at(name))) }
        for name in ["other", "src", "absent"] { #expect(!torrent.isMade(ofFile: sandbox.at(name))) }
    }

    @Test func threadsDoNotChangeTheOutcome() async throws {
        let folder = try SourceFolder()
        var outcomes: Set<[UInt8]> = []
        for threadCount in [1, 2, 7] {
            var options = Self.options()
            options.threadCount = threadCount
            outcomes.insert(try await TorrentCreator(source: folder.path, options: options).create().bytes)
        }
        #expect(outcomes.count == 1)
    }

    @Test func optionsAreWrittenDown() async throws {
        let folder = try SourceFolder()
        var options = Self.options()
        options.name = "another name"
        options.isPrivate = true
        options.trackers = [["http://a.example/announce", "udp://b.example:1"], ["https://c.example/announce"]]
        options.webSeeds = ["https://d.example/files/"]
        options.comment = "a comment"
        options.createdBy = "a program"
        options.creationDateSeconds = 1_234_567_890
        let metainfo = try await TorrentCreator(source: folder.path, options: options).create().metainfo
        #expect(metainfo.info.name == "another name")
        #expect(metainfo.info.isPrivate)
        #expect(metainfo.trackers == options.trackers)
        #expect(metainfo.webSeeds == options.webSeeds)
        #expect(metainfo.comment == "a comment")
        #expect(metainfo.createdBy == "a program")
        #expect(metainfo.creationDateSeconds == 1_234_567_890)
    }

    @Test func progressRisesToTheEnd() async throws {
        let folder = try SourceFolder()
        let steps = Mutex<[ByteProgress]>([])
        _ = try await TorrentCreator(source: folder.path, options: Self.options()).create { step in
            steps.withLock { $0.append(step) }
        }
        let done = steps.withLock { $0 }
        #expect(done.last?.doneByteCount == SourceFolder.sizes.values.reduce(0, +))
        #expect(done.last?.fraction == 1)
        #expect(zip(done, done.dropFirst()).allSatisfy { $0.doneByteCount < $1.doneByteCount })
    }

    @Test func aFileThatGrowsMeanwhileIsAnError() async throws {
        let folder = try SourceFolder()
        let path = folder.sandbox.at("src/zz/last")
        let error = await #expect(throws: TorrentCreationError.self) {
            try await TorrentCreator(source: folder.path, options: Self.options()).create { _ in
                let file = FileHandle(forWritingAtPath: path)
                file?.seekToEndOfFile()
                file?.write(Data([1]))
            }
        }
        #expect(error?.code == .changed)
        #expect(error?.path == path)
    }

    @Test func cancellationStopsIt() async throws {
        let folder = try SourceFolder()
        let started = AsyncStream<Void>.makeStream()
        let gate = Gate()
        let creation = Task {
            try await TorrentCreator(source: folder.path, options: Self.options()).create { _ in
                // The thread waits for the cancellation, so the work cannot finish first.
                started.continuation.yield()
                gate.wait()
            }
        }
        for await _ in started.stream { break }
        creation.cancel()
        gate.open()
        await #expect(throws: CancellationError.self) { try await creation.value }
    }

    @Test func whatCannotBeMadeIsRefused() async throws {
        let folder = try SourceFolder()
        try folder.sandbox.put("nothing/empty", [])
        var odd = Self.options()
        odd.pieceLength = 100_000
        var tiny = Self.options(.v2)
        tiny.pieceLength = 8_192
        let cases: [(String, TorrentOptions, TorrentCreationError.Code)] = [
            ("nothing", Self.options(), .empty), ("absent", Self.options(), .unreadable), ("src", odd, .pieceLength),
            ("src", tiny, .pieceLength),
        ]
        for (name, options, code) in cases {
            let error = await #expect(throws: TorrentCreationError.self) {
                try await TorrentCreator(source: folder.sandbox.at(name), options: options).create()
            }
            #expect(error?.code == code)
        }
    }
}
