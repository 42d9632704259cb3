// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Testing

@testable import RucheStorage

/// Moving a torrent's files to another folder.
struct FileStoreMoveTests {
    private let sandbox = Sandbox()
    private let info = TorrentInfo.test(
        pieceLength: 8,
        [
            TestFile("t/a", 12), TestFile("t/sub/b", 12), .link("t/link", to: "t/a"), TestFile("t/c", 8),
            TestFile("t/e", 0),
        ]
    )
    private let model = Array((1...32).map(UInt8.init))

    private func makeStore() throws -> FileStore {
        let store = try FileStore(info, in: sandbox.at("old"))
        try store.setWanted(false, file: 1)
        try store.createSkeleton()
        try store.put(0, 0, Array(model[0..<8]))
        try store.put(1, 0, Array(model[8..<16]))
        try store.put(3, 0, Array(model[24..<32]))
        try store.finish(file: 0)
        return store
    }

    private func expectAll(in store: FileStore) throws {
        for piece in [0, 1, 3] { #expect(try store.bytes(piece, 0, 8) == Array(model[piece * 8..<piece * 8 + 8])) }
    }

    private func below(_ folder: String) -> [String] { Sandbox.files(below: sandbox.at(folder)) }

    @Test func renames() throws {
        let store = try makeStore()
        let before = below("old")
        #expect(before.count == 5)
        try sandbox.put("old/t/mine", [1])
        try store.move(to: sandbox.at("new/deep"))
        #expect(below("new/deep") == before)
        #expect(below("old") == ["t/mine"])
        #expect(store.folder == sandbox.at("new/deep"))
        try expectAll(in: store)
        try store.move(to: sandbox.at("new/deep"))
        try store.setWanted(true, file: 1)
        try expectAll(in: store)
    }

    @Test func somethingInTheWayLeavesAllWhereItWas() throws {
        let store = try makeStore()
        let before = below("old")
        try sandbox.put("new/t/c.part", [1, 2, 3])
        let error = storageError { () throws(StorageError) in try store.move(to: sandbox.at("new")) }
        #expect(error?.code == .changed)
        #expect(error?.path == sandbox.at("new/t/c.part"))
        #expect(below("old") == before)
        #expect(below("new") == ["t/c.part"])
        #expect(sandbox.bytes("new/t/c.part") == [1, 2, 3])
        #expect(store.folder == sandbox.at("old"))
        try expectAll(in: store)
    }

    #if os(Linux)
    @Test func whatHasTheSameTimeAndAnotherSizeIsNoCopy() throws {
        let store = try makeStore()
        try sandbox.put("new/t/c.part", [1, 2, 3])
        var original = stat()
        try #require(stat(sandbox.at("old/t/c.part"), &original) == 0)
        let times = [original.st_atim, original.st_mtim]
        try #require(utimensat(AT_FDCWD, sandbox.at("new/t/c.part"), times, 0) == 0)
        let error = storageError { () throws(StorageError) in try store.move(to: sandbox.at("new")) }
        #expect(error?.code == .changed)
        #expect(sandbox.bytes("new/t/c.part") == [1, 2, 3])
        try expectAll(in: store)
    }
    #endif

    @Test(.enabled(if: Mount.isPossible, "mounting needs root"))
    func copiesToAnotherFileSystem() throws {
        let disk = try Mount(sandbox.at("disk"), "size=1m")
        defer { disk.unmount() }
        let store = try makeStore()
        let before = below("old")
        let facts = try store.allFacts()
        try store.move(to: disk.path)
        #expect(below("disk") == before)
        #expect(below("old") == [])
        #expect(!sandbox.exists("old/t"))
        #expect(try store.allFacts() == facts)
        try expectAll(in: store)
        try store.flush()
    }

    @Test(.enabled(if: Mount.isPossible, "mounting needs root"))
    func aFullDiskLeavesAllWhereItWas() throws {
        let disk = try Mount(sandbox.at("disk"), "size=64k")
        defer { disk.unmount() }
        let big = TorrentInfo.test(pieceLength: 1 << 16, (0..<4).map { TestFile("t/\($0)", 1 << 16) })
        let store = try FileStore(big, in: sandbox.at("old"))
        let bytes = Array(repeating: UInt8(9), count: 1 << 16)
        for piece in 0..<4 { try store.put(piece, 0, bytes) }
        let before = below("old")
        #expect(storageError { () throws(StorageError) in try store.move(to: disk.path) }?.code == .diskFull)
        #expect(below("old") == before)
        #expect(below("disk") == [])
        for piece in 0..<4 { #expect(try store.bytes(piece, 0, bytes.count) == bytes) }
    }

    @Test func aMoveCutShortIsTakenUpAgain() throws {
        let store = try makeStore()
        try sandbox.makeFolder("new/t")
        // One file was already renamed, another copied with its original still there.
        try FileManager.default.moveItem(atPath: sandbox.at("old/t/a"), toPath: sandbox.at("new/t/a"))
        try sandbox.put("new/t/c.part", Array(sandbox.bytes("old/t/c.part") ?? []))
        let date = try FileManager.default.attributesOfItem(atPath: sandbox.at("old/t/c.part"))[.modificationDate]
        let whole = Date(timeIntervalSince1970: (date as? Date)?.timeIntervalSince1970.rounded() ?? 0)
        for folder in ["old", "new"] {
            let path = sandbox.at(folder + "/t/c.part")
            try FileManager.default.setAttributes([.modificationDate: whole], ofItemAtPath: path)
        }
        store.close()
        try store.move(to: sandbox.at("new"))
        #expect(below("old") == [])
        try expectAll(in: store)
    }
}
