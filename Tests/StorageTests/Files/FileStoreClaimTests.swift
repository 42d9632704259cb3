// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Testing

@testable import RucheStorage

/// Existing files are written to only if they are the torrent's.
struct FileStoreClaimTests {
    private let sandbox = Sandbox()
    /// Pieces of 8 bytes: a a|b b b|c.
    private let info = TorrentInfo.test(
        pieceLength: 8,
        [TestFile("t/a", 12), TestFile("t/b", 24), TestFile("t/c", 4), TestFile("t/empty", 0)]
    )
    private let foreign = Array("something else".utf8)

    private func makeStore(overwriting: Bool = false) throws -> FileStore {
        var options = FileStoreOptions()
        options.overwritesFiles = overwriting
        return try FileStore(info, in: sandbox.path, options: options)
    }

    private func claim(_ store: FileStore, _ pieces: [Int] = []) -> StorageError? {
        var have = Bitfield(count: info.geometry.pieceCount)
        for piece in pieces { have.insert(PieceIndex(piece)) }
        return storageError { () throws(StorageError) in try store.claim(have) }
    }

    private func put(_ store: FileStore, _ piece: Int) -> StorageError? {
        storageError { () throws(StorageError) in try store.put(piece, 0, Array(repeating: 7, count: 8)) }
    }

    @Test(arguments: ["t/b", "t/b.part"])
    func aFileOfWhichNothingMatchesIsLeftAlone(name: String) throws {
        try sandbox.put(name, foreign)
        let store = try makeStore()
        #expect(claim(store)?.code == .occupied)
        #expect(claim(store, [0])?.path == sandbox.at(name), "correct pieces of other files are not a claim")
        #expect(put(store, 2)?.code == .occupied)
        #expect(sandbox.bytes(name) == foreign && sandbox.files == [name])
    }

    @Test func aPartlyMatchingFileIsContinued() throws {
        try sandbox.put("t/b", foreign)
        let store = try makeStore()
        #expect(claim(store, [2]) == nil)
        #expect(put(store, 3) == nil)
        #expect(sandbox.bytes("t/b")?.count == 24 && sandbox.files == ["t/b"])
    }

    @Test(arguments: [[], [UInt8](repeating: 0, count: 20)])
    func aFileThatHoldsNothingIsTaken(bytes: [UInt8]) throws {
        try sandbox.put("t/b", bytes)
        let store = try makeStore()
        #expect(claim(store) == nil)
        #expect(put(store, 2) == nil)
        #expect(sandbox.files == ["t/b"])
    }

    @Test func theUserCanHaveItOverwritten() throws {
        try sandbox.put("t/b", foreign + foreign)
        let store = try makeStore(overwriting: true)
        #expect(claim(store) == nil)
        #expect(put(store, 2) == nil)
        #expect(sandbox.bytes("t/b")?.count == 24)
    }

    @Test func aTooLongFileIsOnlyTruncatedIfWeCreatedIt() throws {
        try sandbox.put("t/b", Array(repeating: 7, count: 25))
        let store = try makeStore()
        let error = claim(store, [2, 3])
        #expect(error?.code == .occupied && error?.reason.contains("25 bytes") == true)
        #expect(error?.canBeOverwritten == true)
        #expect(sandbox.bytes("t/b")?.count == 25)

        try sandbox.remove("t/b")
        #expect(put(store, 2) == nil)
        try appendByte("t/b.part")
        #expect(claim(store, [2]) == nil)
        #expect(sandbox.bytes("t/b.part")?.count == 24)
        #expect(store.takeNotices().map(\.lost) == [0..<0])
    }

    @Test func anEmptyFileWithBytesInItIsNotEmptied() throws {
        try sandbox.put("t/empty", [1])
        let store = try makeStore()
        #expect(claim(store)?.code == .occupied)
        #expect(storageError { () throws(StorageError) in try store.createSkeleton() }?.code == .occupied)
        #expect(sandbox.bytes("t/empty") == [1])
    }

    @Test func theOtherNameOfAHardLinkKeepsItsBytes() throws {
        try sandbox.put("mine", Array(repeating: 1, count: 24))
        try sandbox.makeFolder("t")
        #expect(link(sandbox.at("mine"), sandbox.at("t/b")) == 0)
        let store = try makeStore()
        #expect(claim(store, [2]) == nil)
        #expect(put(store, 3) == nil)
        #expect(sandbox.bytes("mine") == Array(repeating: 1, count: 24))
        #expect(sandbox.bytes("t/b")?[12..<20] == Array(repeating: 7, count: 8)[...])
    }

    @Test func anUnwantedForeignFileIsAvoided() throws {
        try sandbox.put("t/b", foreign)
        let store = try makeStore()
        try store.setWanted(false, file: 1)
        #expect(claim(store) == nil)
        #expect(put(store, 1) == nil && put(store, 4) == nil)
        #expect(try store.bytes(1, 0, 8) == Array(repeating: 7, count: 8))
        #expect(sandbox.bytes("t/b") == foreign)
        let wanting = storageError { () throws(StorageError) in try store.setWanted(true, file: 1) }
        #expect(wanting?.code == .occupied)
        try store.removeData()
        #expect(sandbox.files == ["t/b"])
        #expect(sandbox.bytes("t/b") == foreign)
    }

    @Test("A file that was too short from the start was truncated by nobody")
    func aShortFileIsNoLoss() throws {
        try sandbox.put("t/b", Array(repeating: 7, count: 12))
        let store = try makeStore()
        // The check leaves it open.
        #expect(try store.bytes(2, 0, 8) == Array(repeating: 7, count: 8))
        #expect(claim(store, [2]) == nil)
        #expect(put(store, 3) == nil)
        #expect(sandbox.bytes("t/b")?.count == 24)
        #expect(!store.hasNotices)
        #expect(truncate(sandbox.at("t/b"), 12) == 0)
        #expect(put(store, 3)?.code == .lost, "now it is one")
    }

    @Test func anUnwantedFileThatIsTooLongKeepsItsBytes() throws {
        let mine = [UInt8](repeating: 7, count: 25)
        try sandbox.put("t/b", mine)
        let store = try makeStore()
        #expect(try store.bytes(2, 0, 8) == Array(repeating: 7, count: 8))
        try store.setWanted(false, file: 1)
        #expect(claim(store, [1, 2, 3, 4]) == nil)
        #expect(storageError { () throws(StorageError) in try store.finish(file: 1) } == nil)
        #expect(try store.bytes(2, 0, 8) == Array(repeating: 7, count: 8))
        #expect(sandbox.bytes("t/b") == mine && !store.hasNotices)
        try store.setWanted(true, file: 1)
        #expect(storageError { () throws(StorageError) in try store.finish(file: 1) }?.code == .occupied)
        #expect(sandbox.bytes("t/b") == mine)
    }

    @Test("An avoided file that a check has opened is neither flushed nor missed")
    func anAvoidedFileIsForgotten() throws {
        try sandbox.put("t/b", foreign)
        let store = try makeStore()
        _ = storageError { () throws(StorageError) in _ = try store.bytes(2, 0, 8) }
        try store.setWanted(false, file: 1)
        #expect(claim(store) == nil)
        #expect(put(store, 1) == nil)
        store.noteUnflushed(Bitfield(count: info.geometry.pieceCount, allSet: true))
        #expect(storageError { () throws(StorageError) in try store.flush() } == nil)
        #expect(store.takeNotices().allSatisfy { !$0.words.contains("t/b") })
        #expect(try store.bytes(1, 0, 8) == Array(repeating: 7, count: 8))
        #expect(sandbox.bytes("t/b") == foreign)
    }

    @Test func removalLeavesUnclaimedFiles() throws {
        try sandbox.put("t/a", foreign)
        let store = try makeStore()
        #expect(put(store, 2) == nil)
        try store.removeData()
        #expect(sandbox.files == ["t/a"])
    }

    private func appendByte(_ name: String) throws {
        let file = try #require(FileHandle(forWritingAtPath: sandbox.at(name)))
        try file.seekToEnd()
        try file.write(contentsOf: [1])
        try file.close()
    }
}
