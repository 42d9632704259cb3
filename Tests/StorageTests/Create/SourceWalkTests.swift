// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Testing

@testable import RucheStorage

@Suite struct SourceWalkTests {
    @Test func namesAreInOrderOfTheirBytesFolderByFolder() throws {
        let sandbox = Sandbox()
        for name in ["src/b", "src/a.txt", "src/a/z", "src/a/B", "src/é", "src/e\u{301}", "src/Z", "src/.x/y"] {
            try sandbox.put(name, [1])
        }
        let walk = try SourceWalk(sandbox.at("src"))
        let paths = walk.entries.map { $0.path.joined(separator: "/") }
        let expected = [".x/y", "Z", "a/B", "a/z", "a.txt", "b", "e\u{301}", "é"]
        #expect(paths.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }

    @Test func linksThatStayInsideAreKept() throws {
        let sandbox = Sandbox()
        try sandbox.put("src/lib/libx.so.1.2", [1])
        try sandbox.link("src/lib/libx.so.1", to: "libx.so.1.2")
        try sandbox.link("src/lib/libx.so", to: "./libx.so.1")
        try sandbox.link("src/up", to: "lib/../lib/libx.so.1.2")
        try sandbox.link("src/folder", to: "lib")
        let walk = try SourceWalk(sandbox.at("src"))
        let targets = Dictionary(
            uniqueKeysWithValues: walk.entries.filter { $0.target != nil }.map { ($0.path, $0.target) }
        )
        #expect(walk.skipped.isEmpty)
        #expect(
            targets == [
                ["lib", "libx.so.1"]: ["lib", "libx.so.1.2"], ["lib", "libx.so"]: ["lib", "libx.so.1"],
                ["up"]: ["lib", "libx.so.1.2"], ["folder"]: ["lib"],
            ]
        )
    }

    @Test func linksThatStrayAreSkippedByName() throws {
        let sandbox = Sandbox()
        try sandbox.put("outside", [1])
        try sandbox.put("src/file", [1])
        let stray = [
            "above": "../outside", "absolute": "/etc/passwd", "dangling": "no", "loop": "pool", "pool": "loop",
            "self": ".",
        ]
        for (name, target) in stray { try sandbox.link("src/" + name, to: target) }
        let walk = try SourceWalk(sandbox.at("src"))
        #expect(walk.entries.map(\.path) == [["file"]])
        #expect(Set(walk.skipped) == Set(stray.keys.map { SkippedEntry(path: [$0], reason: .strayLink) }))
    }

    @Test func nothingIsLeftOutSilently() async throws {
        let sandbox = Sandbox()
        try sandbox.put("src/file", [1])
        try sandbox.makeFolder("src/hollow")
        let empty = SkippedEntry(path: ["hollow"], reason: .emptyFolder)
        #expect(try await TorrentCreator(source: sandbox.at("src")).create().skipped == [empty])

        #expect(mkfifo(sandbox.at("src/pipe"), 0o600) == 0)
        let error = await #expect(throws: TorrentCreationError.self) {
            try await TorrentCreator(source: sandbox.at("src")).create()
        }
        #expect(error?.code == .unsupportedEntry)
        #expect(error?.path == sandbox.at("src/pipe"))

        var options = TorrentOptions()
        options.unsupportedEntries = .skip
        let torrent = try await TorrentCreator(source: sandbox.at("src"), options: options).create()
        #expect(torrent.skipped == [empty, SkippedEntry(path: ["pipe"], reason: .specialFile)])
        #expect(torrent.metainfo.info.files.map(\.path) == [["src", "file"]])
    }

    @Test(arguments: TorrentCreatorTests.formats)
    func linksAreWrittenDown(format: TorrentFormat) async throws {
        let sandbox = Sandbox()
        try sandbox.put("src/folder/file", [1, 2, 3])
        try sandbox.link("src/link", to: "folder/file")
        var options = TorrentOptions()
        options.format = format
        let info = try await TorrentCreator(source: sandbox.at("src"), options: options).create().metainfo.info
        let link = try #require(info.files.first { $0.path == ["src", "link"] })
        #expect(link.symlinkTarget == ["src", "folder", "file"])
        #expect(link.size == 0)
    }

    #if os(Linux)
    @Test func namesThatAreNoTextAreRefused() throws {
        let sandbox = Sandbox()
        try sandbox.makeFolder("src")
        let path = (Array(sandbox.at("src/bad").utf8) + [0xff, 0]).map(CChar.init(bitPattern:))
        let descriptor = creat(path, 0o600)
        try #require(descriptor >= 0, "the file system of the temporary folder takes such a name")
        close(descriptor)
        let error = #expect(throws: TorrentCreationError.self) { try SourceWalk(sandbox.at("src")) }
        #expect(error?.code == .invalidName)
    }
    #endif

    @Test func foldersTooDeepAreRefused() throws {
        let sandbox = Sandbox()
        let deep = (["src"] + Array(repeating: "d", count: 100)).joined(separator: "/")
        try sandbox.put(deep + "/file", [1])
        let error = #expect(throws: TorrentCreationError.self) { try SourceWalk(sandbox.at("src")) }
        #expect(error?.code == .limit)
    }

    @Test func whatIsExcludedIsNotThere() throws {
        let sandbox = Sandbox()
        for name in ["src/a.tmp", "src/a.txt", "src/d/b.tmp", "src/d/old/x", "src/old/x", "src/cache/y"] {
            try sandbox.put(name, [1])
        }
        var options = TorrentOptions()
        options.exclusions = ["*.tmp", "d/old", "cache"]
        let walk = try SourceWalk(sandbox.at("src"), options: options)
        #expect(walk.entries.map { $0.path.joined(separator: "/") } == ["a.txt", "old/x"])
    }

    @Test func linksAreFollowedWhereThatIsWanted() async throws {
        let sandbox = Sandbox()
        try sandbox.put("elsewhere/file", [1, 2, 3])
        try sandbox.put("src/plain", [4])
        try sandbox.link("src/link", to: "../elsewhere/file")
        try sandbox.link("src/folder", to: sandbox.at("elsewhere"))
        try sandbox.link("src/circle", to: ".")
        try sandbox.link("src/nowhere", to: "no")
        var options = TorrentOptions()
        options.followsLinks = true
        options.unsupportedEntries = .skip
        let torrent = try await TorrentCreator(source: sandbox.at("src"), options: options).create()
        let files = torrent.metainfo.info.files.filter { !$0.isPadding }
        #expect(files.map { $0.path.joined(separator: "/") } == ["src/folder/file", "src/link", "src/plain"])
        #expect(files.map(\.size) == [3, 3, 1])
        #expect(files.allSatisfy { $0.symlinkTarget == nil })
        #expect(Set(torrent.skipped.map(\.path)) == [["circle"], ["nowhere"]])
    }

    @Test(.enabled(if: geteuid() != 0, "everything can be read by root"))
    func whatCannotBeReadIsNamed() async throws {
        let sandbox = Sandbox()
        try sandbox.put("src/secret", [1])
        try sandbox.put("src/file", [1])
        chmod(sandbox.at("src/secret"), 0)
        let error = await #expect(throws: TorrentCreationError.self) {
            try await TorrentCreator(source: sandbox.at("src")).create()
        }
        #expect(error?.code == .unreadable)
        var options = TorrentOptions()
        options.unsupportedEntries = .skip
        let torrent = try await TorrentCreator(source: sandbox.at("src"), options: options).create()
        #expect(torrent.skipped == [SkippedEntry(path: ["secret"], reason: .unreadable)])
    }

    @Test(arguments: ["", ".", "..", "a/b", "/", "a\u{0}"])
    func namesThatCannotBeNamesAreRefused(name: String) async throws {
        let sandbox = Sandbox()
        try sandbox.put("src/file", [1])
        var options = TorrentOptions()
        options.name = name
        let error = await #expect(throws: TorrentCreationError.self) {
            try await TorrentCreator(source: sandbox.at("src"), options: options).create()
        }
        #expect(error?.code == .invalidName)
    }

    @Test func piecesOfAnotherLengthAreRefusedWithWhatIsAllowed() async throws {
        let sandbox = Sandbox()
        try sandbox.put("src/file", [1])
        var options = TorrentOptions()
        options.pieceLength = 1_000
        let error = await #expect(throws: TorrentCreationError.self) {
            try await TorrentCreator(source: sandbox.at("src"), options: options).create()
        }
        #expect(error?.reason.contains("a power of two from 16384 (16K) to 536870912 (512M)") == true)
    }
}
