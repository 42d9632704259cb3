// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Testing

@testable import RucheStorage

/// Files that are removed, replaced or truncated during writing are noticed, and never counted as finished.
struct FileStoreLossTests {
    private let sandbox = Sandbox()
    private let info = TorrentInfo.test(pieceLength: 8, [TestFile("t/a", 24), TestFile("t/b", 8)])
    private let eight = Array("contents".utf8)

    private func makeStore(_ pieces: [Int]) throws -> FileStore {
        let store = try FileStore(info, in: sandbox.path)
        for piece in pieces { try store.put(piece, 0, eight) }
        return store
    }

    private func error(_ body: () throws(StorageError) -> Void) -> StorageError.Code? { storageError(body)?.code }

    private func put(_ store: FileStore, _ piece: Int) -> StorageError.Code? {
        error { () throws(StorageError) in try store.put(piece, 0, eight) }
    }

    private func finish(_ store: FileStore) -> StorageError.Code? {
        error { () throws(StorageError) in try store.finish(file: 0) }
    }

    private func lost(_ store: FileStore) -> [Range<Int>] { store.takeNotices().map(\.lost) }

    @Test func aRemovedFileIsNoticedByTheNextWriteAndMadeAnew() throws {
        let store = try makeStore([0, 1])
        try sandbox.remove("t/a.part")
        #expect(put(store, 2) == .lost)
        #expect(lost(store) == [0..<3])
        for piece in 0..<3 { #expect(put(store, piece) == nil) }
        #expect(finish(store) == nil)
        #expect(sandbox.bytes("t/a") == eight + eight + eight)
    }

    @Test func aRemovedFileIsNotFinished() throws {
        let store = try makeStore([0, 1, 2])
        try sandbox.remove("t/a.part")
        #expect(finish(store) == .lost)
        #expect(lost(store) == [0..<3] && sandbox.files == [])
    }

    @Test func aRenamedFileIsNotFinished() throws {
        let store = try makeStore([0, 1, 2])
        #expect(rename(sandbox.at("t/a.part"), sandbox.at("t/mine")) == 0)
        #expect(finish(store) == .lost)
        #expect(lost(store) == [0..<3] && sandbox.files == ["t/mine"])
    }

    @Test func aReplacedFileIsNeitherFinishedNorOverwritten() throws {
        let store = try makeStore([0, 1, 2])
        // Both exist at once, so the new one cannot have the old one's inode.
        try sandbox.put("t/other", Array(repeating: 9, count: 24))
        #expect(rename(sandbox.at("t/other"), sandbox.at("t/a.part")) == 0)
        #expect(finish(store) == .lost)
        #expect(lost(store) == [0..<3])
        #expect(put(store, 0) == .occupied)
        #expect(sandbox.files == ["t/a.part"])
        #expect(sandbox.bytes("t/a.part") == Array(repeating: 9, count: 24))
    }

    @Test func aTruncatedFileLosesItsTail() throws {
        let store = try makeStore([0, 1])
        #expect(truncate(sandbox.at("t/a.part"), 12) == 0)
        #expect(put(store, 2) == .lost)
        #expect(lost(store) == [1..<3])
        for piece in 1..<3 { #expect(put(store, piece) == nil) }
        #expect(finish(store) == nil)
        #expect(sandbox.bytes("t/a") == eight + eight + eight)
    }

    @Test func bytesAppendedAreCutAndTold() throws {
        let store = try makeStore([0, 1, 2])
        let file = try #require(FileHandle(forWritingAtPath: sandbox.at("t/a.part")))
        try file.seekToEnd()
        try file.write(contentsOf: [1, 2, 3])
        #expect(finish(store) == nil)
        #expect(sandbox.bytes("t/a")?.count == 24)
        let notices = store.takeNotices()
        #expect(notices.count == 1 && notices[0].lost.isEmpty && notices[0].words.contains("27 bytes"))
    }

    @Test func aFileThatAppearsUnderTheFinalNameIsNotOverwritten() throws {
        let store = try makeStore([0, 1, 2])
        try sandbox.put("t/a", [1])
        let failure = storageError { () throws(StorageError) in try store.finish(file: 0) }
        #expect(failure?.code == .occupied && failure?.reason.contains("a.part") == true)
        #expect(sandbox.bytes("t/a") == [1])
        #expect(try store.bytes(0, 0, 8) == eight)
        try store.flush()
        try sandbox.remove("t/a")
        #expect(finish(store) == nil)
        #expect(sandbox.files == ["t/a"])
        #expect(store.takeNotices() == [])
    }

    @Test func aFlushNoticesToo() throws {
        let store = try makeStore([0, 1, 2, 3])
        try sandbox.remove("t/a.part")
        try store.flush()
        #expect(lost(store) == [0..<3])
        try store.flush()
        #expect(!store.hasNotices)
    }

    @Test func aFinishedFileThatIsGoneIsNoticed() throws {
        let store = try makeStore([0, 1, 2])
        #expect(finish(store) == nil)
        try sandbox.remove("t/a")
        #expect(finish(store) == .lost)
        #expect(lost(store) == [0..<3])
    }

    @Test func whatIsLostAgainAndAgainIsAnError() throws {
        let store = try makeStore([])
        var codes: [StorageError.Code?] = []
        for _ in 0..<StorageLimits.lossesPerFile + 1 {
            #expect(put(store, 0) == nil)
            try sandbox.remove("t/a.part")
            codes.append(put(store, 1))
        }
        #expect(codes.dropLast().allSatisfy { $0 == .lost } && codes.last == .changed)
    }

    @Test func aKillWithinARenameLeavesOneFile() throws {
        let store = try makeStore([0, 1, 2])
        #expect(link(sandbox.at("t/a.part"), sandbox.at("t/a")) == 0)
        #expect(finish(store) == nil)
        #expect(sandbox.files == ["t/a"])
    }
}
