// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheStorage

struct MemoryStoreTests {
    @Test func readsAsWritten() throws {
        let info = TorrentInfo.test(pieceLength: 10, [TestFile("t/a", 25)])
        let store = MemoryStore(info.geometry)
        let bytes = (0..<25).map { UInt8($0 + 1) }
        try info.fill(store, with: bytes)
        #expect(try store.bytes(1, 3, 7) == Array(bytes[13..<20]))
        #expect(try store.bytes(2, 0, 5) == Array(bytes[20..<25]))
        store.drop(PieceIndex(1))
        #expect(store.count == 2)
        #expect(storageError { () throws(StorageError) in _ = try store.bytes(1, 0, 1) }?.code == .missing)
    }

    @Test func itIsBounded() throws {
        let store = MemoryStore(pieceLength: 10, limitBytes: 20)
        try store.put(7, 0, [1])
        try store.put(1 << 20, 9, [2])
        #expect(storageError { () throws(StorageError) in try store.put(1, 0, [1]) }?.code == .limit)
        #expect(storageError { () throws(StorageError) in try store.put(7, 10, [1]) }?.code == .limit)
        #expect(storageError { () throws(StorageError) in _ = try store.bytes(7, -1, 1) }?.code == .limit)
        try store.put(7, 9, [3])
        #expect(try store.bytes(7, 0, 10) == [1, 0, 0, 0, 0, 0, 0, 0, 0, 3])
    }

    @Test func itGrowsWithItsContent() throws {
        var geometry = PieceGeometry(pieceLength: 10, totalSize: 0)
        let store = MemoryStore(geometry)
        #expect(storageError { () throws(StorageError) in try store.put(0, 0, [1]) }?.code == .limit)
        geometry.grow(to: 20)
        try #require(store.abilities.growth).grow(to: geometry)
        try store.put(0, 0, [1])
        try store.put(1, 0, [2])
        #expect(storageError { () throws(StorageError) in try store.put(2, 0, [3]) }?.code == .limit)
        try #require(store.abilities.trimming).trim(before: PieceIndex(1))
        #expect(store.count == 1)
        #expect(storageError { () throws(StorageError) in _ = try store.bytes(0, 0, 1) }?.code == .missing)
        #expect(MemoryStore(pieceLength: 10, limitBytes: 20).abilities.growth == nil, "a window stays a window")
    }
}
