// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Testing

@testable import RucheStorage

/// Nothing outside the chosen folder is touched, whatever is in it.
struct FileStoreLinkTests {
    private let sandbox = Sandbox()

    private func makeStore(_ files: [TestFile], _ options: FileStoreOptions = .init()) throws -> FileStore {
        try FileStore(.test(pieceLength: 8, files), in: sandbox.at("downloads"), options: options)
    }

    @Test(arguments: ["t", "t/sub"])
    func aPlantedFolderLinkIsRefused(link: String) throws {
        try sandbox.put("outside/sub/a", Array("secret!!".utf8))
        try sandbox.makeFolder(link == "t" ? "downloads" : "downloads/t")
        try sandbox.link("downloads/" + link, to: sandbox.at(link == "t" ? "outside" : "outside/sub"))
        let store = try makeStore([TestFile("t/sub/a", 8)])

        let writing = storageError { () throws(StorageError) in try store.put(0, 0, Array(repeating: 1, count: 8)) }
        #expect(writing?.code == .notADirectory)
        let reading = storageError { () throws(StorageError) in _ = try store.bytes(0, 0, 8) }
        #expect(reading?.code == .notADirectory)
        #expect(reading?.path == sandbox.at("downloads/t/sub/a"))
        #expect(sandbox.bytes("outside/sub/a") == Array("secret!!".utf8))

        _ = storageError { () throws(StorageError) in try store.removeData() }
        #expect(sandbox.exists("outside/sub/a"))
        #expect(storageError { () throws(StorageError) in try store.move(to: sandbox.at("new")) } != nil)
        #expect(sandbox.exists("outside/sub/a"))
    }

    @Test("What is in the place of a link is replaced only if the user wants that", arguments: [false, true])
    func placesOfLinks(isLink: Bool) throws {
        try sandbox.put("mine", [1])
        if isLink {
            try sandbox.makeFolder("downloads/t")
            try sandbox.link("downloads/t/link", to: sandbox.at("mine"))
        } else {
            try sandbox.put("downloads/t/link", [2])
        }
        let files = [TestFile("t/a", 8), TestFile.link("t/link", to: "t/a")]
        let store = try makeStore(files)
        let error = storageError { () throws(StorageError) in try store.createSkeleton() }
        #expect(error?.code == .occupied && error?.canBeOverwritten == true)
        #expect(sandbox.bytes("downloads/t/link") == (isLink ? [1] : [2]))
        var options = FileStoreOptions()
        options.overwritesFiles = true
        try makeStore(files, options).createSkeleton()
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: sandbox.at("downloads/t/link"))
        #expect(target == "a" && sandbox.bytes("mine") == [1])

        try sandbox.remove("downloads/t/link")
        try sandbox.makeFolder("downloads/t/link")
        let overwriting = try makeStore(files, options)
        let folder = storageError { () throws(StorageError) in try overwriting.createSkeleton() }
        #expect(folder?.code == .occupied && folder?.canBeOverwritten == false)
    }

    @Test(arguments: ["t/a", "t/a.part"])
    func aPlantedFileLinkIsRefused(link: String) throws {
        try sandbox.put("outside", Array("secret!!".utf8))
        try sandbox.makeFolder("downloads/t")
        try sandbox.link("downloads/" + link, to: sandbox.at("outside"))
        let store = try makeStore([TestFile("t/a", 8)])

        let writing = storageError { () throws(StorageError) in try store.put(0, 0, Array(repeating: 1, count: 8)) }
        #expect(writing?.code == .occupied)
        #expect(storageError { () throws(StorageError) in _ = try store.bytes(0, 0, 8) }?.code == .occupied)
        #expect(storageError { () throws(StorageError) in try store.claim(Bitfield(count: 1)) }?.code == .occupied)
        try store.removeData()
        #expect(sandbox.bytes("outside") == Array("secret!!".utf8))
    }

    @Test func aPlantedPartsFileLinkIsRefused() throws {
        try sandbox.put("outside", [1])
        let info = TorrentInfo.test(pieceLength: 8, [TestFile("t/a", 4), TestFile("t/b", 4)])
        try sandbox.makeFolder("downloads")
        try sandbox.link("downloads/" + FileNames(info).parts, to: sandbox.at("outside"))
        let store = try makeStore([TestFile("t/a", 4), TestFile("t/b", 4)])
        try store.setWanted(false, file: 0)
        let writing = storageError { () throws(StorageError) in try store.put(0, 0, Array(repeating: 1, count: 8)) }
        #expect(writing?.code == .notADirectory)
        #expect(sandbox.bytes("outside") == [1])
    }

    @Test func whatIsNoFileIsRefused() throws {
        try sandbox.makeFolder("downloads/t/a")
        try sandbox.makeFolder("downloads/t")
        mkfifo(sandbox.at("downloads/t/b"), 0o600)
        let store = try makeStore([TestFile("t/a", 8), TestFile("t/b", 8)])
        for piece in 0..<2 {
            let reading = storageError { () throws(StorageError) in _ = try store.bytes(piece, 0, 8) }
            #expect(reading?.code == .occupied)
            #expect(reading?.reason.hasPrefix(piece == 0 ? "a folder" : "a pipe") == true)
            let writing = storageError { () throws(StorageError) in try store.put(piece, 0, [1]) }
            #expect(writing?.code == .occupied)
        }
        var options = FileStoreOptions()
        options.overwritesFiles = true
        let bold = try makeStore([TestFile("t/a", 8), TestFile("t/b", 8)], options)
        #expect(storageError { () throws(StorageError) in try bold.claim(Bitfield(count: 2)) }?.code == .occupied)
    }

    @Test(arguments: ["t", "t/sub", "t/sub/a"])
    func toReadOnlyTheUsersLinksAreFollowed(link: String) throws {
        let components = link.split(separator: "/").count
        let inside = ["elsewhere/sub/a", "elsewhere/a", "elsewhere"][components - 1]
        try sandbox.put(inside, Array("contents".utf8))
        try sandbox.makeFolder("downloads" + ["", "/t", "/t/sub"][components - 1])
        try sandbox.link("downloads/" + link, to: sandbox.at("elsewhere"))
        let store = try makeStore([TestFile("t/sub/a", 8)], .readOnly)
        #expect(try store.bytes(0, 0, 8) == Array("contents".utf8))
        #expect(try store.facts(file: 0)?.size == 8)
        // A download writes, so nothing may lead out of the folder.
        let download = try makeStore([TestFile("t/sub/a", 8)])
        #expect(storageError { () throws(StorageError) in try download.put(0, 0, [1]) } != nil)
        #expect(sandbox.bytes(inside) == Array("contents".utf8))
    }

    @Test func linksOfTheTorrentAreMadeAndNeverFollowed() throws {
        let store = try makeStore([
            .link("t/dir", to: "t/real"), TestFile("t/dir/b", 8), TestFile("t/real/a", 8),
            .link("t/deep/er/link", to: "t/real/a"),
        ])
        // A folder of the torrent has the name of one of its links: the folder came first, so the link is refused.
        try store.put(0, 0, Array(repeating: 1, count: 8))
        #expect(storageError { () throws(StorageError) in try store.createSkeleton() }?.path.hasSuffix("t/dir") == true)

        let other = try FileStore(
            .test(pieceLength: 8, [TestFile("t/real/a", 8), .link("t/deep/er/link", to: "t/real/a")]),
            in: sandbox.at("other")
        )
        try other.put(0, 0, Array("contents".utf8))
        try other.finish(file: 0)
        try other.createSkeleton()
        try other.createSkeleton()
        let path = sandbox.at("other/t/deep/er/link")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "../../real/a")
        #expect(sandbox.bytes("other/t/deep/er/link") == Array("contents".utf8))
        try other.removeData()
        #expect(sandbox.files.filter { $0.hasPrefix("other") } == [])
    }

    @Test func relativePaths() {
        func path(_ folder: String, _ target: String) -> String {
            let folder = folder.split(separator: "/").map(String.init)
            return FileStore.relativePath(from: folder[...], to: target.split(separator: "/").map(String.init))
        }
        #expect(path("t", "t/a") == "a")
        #expect(path("t/x/y", "t/a/b") == "../../a/b")
        #expect(path("t/x", "t/x/y/z") == "y/z")
        #expect(path("t/x", "t/x") == "../x")
    }

    @Test(arguments: [".ruche", ".RUCHE", ".other.12345678.parts"])
    func namesOfOurOwnAreRefused(name: String) throws {
        let info = TorrentInfo.test(pieceLength: 8, [TestFile("\(name)/a", 8)], name: name)
        let opening = storageError { () throws(StorageError) in _ = try FileStore(info, in: sandbox.path) }
        #expect(opening?.code == .permission)
    }
}
