// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Testing

@testable import RucheStorage

private let memory = "/dev/shm"

/// Reading without blocking, on an in-memory file system: only there is it certain what can be read at once.
@Suite(.enabled(if: FileManager.default.isWritableFile(atPath: memory)))
struct FileStoreAtOnceTests {
    private let sandbox = Sandbox(in: memory)
    private let bytes = [UInt8](0..<20)

    private func makeStore() throws -> FileStore {
        let files = [TestFile("t/a", 7), TestFile.padding(3), TestFile("t/b", 10)]
        return try FileStore(.test(pieceLength: 20, files), in: sandbox.path)
    }

    @Test func openFilesAreRead() throws {
        let store = try makeStore()
        try store.put(0, 0, bytes)
        #expect(store.bytesAtOnce(0, 0, 20) == bytes[..<7] + [0, 0, 0] + bytes[10...])
        #expect(store.bytesAtOnce(0, 5, 8) == [5, 6, 0, 0, 0, 10, 11, 12])
    }

    @Test func filesThatWouldHaveToBeOpenedAreNot() throws {
        let store = try makeStore()
        try store.put(0, 0, bytes)
        store.close()
        #expect(store.bytesAtOnce(0, 0, 20) == nil)
        _ = try store.bytes(0, 0, 7)
        #expect(store.bytesAtOnce(0, 0, 7) == Array(bytes[..<7]))
        #expect(store.bytesAtOnce(0, 0, 20) == nil)
    }

    @Test func whatIsNotThereIsNotRead() throws {
        let store = try makeStore()
        try store.put(0, 0, bytes)
        let file = try #require(FileHandle(forWritingAtPath: sandbox.at("t/a.part")))
        try file.truncate(atOffset: 4)
        #expect(store.bytesAtOnce(0, 0, 4) == Array(bytes[..<4]))
        #expect(store.bytesAtOnce(0, 0, 5) == nil)
        #expect(store.bytesAtOnce(0, 19, 2) == nil)
        #expect(store.bytesAtOnce(1, 0, 1) == nil)
    }

    @Test func nobodyIsWaitedFor() throws {
        let store = try makeStore()
        try store.put(0, 0, bytes)
        try store.access.alone { () throws(StorageError) in #expect(store.bytesAtOnce(0, 0, 7) == nil) }
        #expect(store.bytesAtOnce(0, 0, 7) == Array(bytes[..<7]))
    }
}
