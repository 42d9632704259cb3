// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheStorage

/// Unwanted files, and their bytes in the parts file.
struct FileStoreSelectionTests {
    private let sandbox = Sandbox()
    /// Pieces: a a|b b b b|c c|d d, of 8 bytes.
    private let info = TorrentInfo.test(
        pieceLength: 8,
        [TestFile("t/a", 12), TestFile("t/b", 24), TestFile("t/c", 2), TestFile("t/d", 20)]
    )

    private var model: [UInt8] {
        var random = SeededGenerator(seed: 5)
        return random.bytes(info.geometry.spaceSize)
    }

    private func put(_ pieces: [Int], in store: FileStore) throws {
        for piece in pieces { try store.put(piece, 0, Array(model[slice(piece)]), chunk: 3) }
    }

    private func slice(_ piece: Int) -> Range<Int> { piece * 8..<min(piece * 8 + 8, model.count) }

    private func expect(_ pieces: [Int], in store: FileStore, _ comment: Comment? = nil) throws {
        for piece in pieces {
            #expect(try store.bytes(piece, 0, slice(piece).count) == Array(model[slice(piece)]), comment)
        }
    }

    @Test func aSkippedFileIsNotMade() throws {
        let store = try FileStore(info, in: sandbox.path)
        try store.setWanted(false, file: 1)
        try store.setWanted(false, file: 2)
        try put([0, 1, 4, 5, 6, 7], in: store)
        let parts = FileNames(info).parts
        #expect(sandbox.files == [parts, "t/a.part", "t/d.part"])
        try expect([0, 1, 4, 5, 6, 7], in: store)
        try expect([0, 1, 4, 5, 6, 7], in: FileStore(info, in: sandbox.path), "only the disk is known")
        #expect(storageError { () throws(StorageError) in _ = try store.bytes(2, 0, 8) }?.code == .missing)

        try store.setWanted(true, file: 1)
        #expect(sandbox.files == [parts, "t/a.part", "t/b.part", "t/d.part"])
        try expect([0, 1, 4, 5, 6, 7], in: store)
        try store.setWanted(true, file: 2)
        #expect(sandbox.files == ["t/a.part", "t/b.part", "t/c.part", "t/d.part"])
        try put([2, 3], in: store)
        try expect(Array(0..<8), in: store)
        for file in 0..<4 {
            try store.finish(file: file)
            let path = info.files[file].path.joined(separator: "/")
            #expect(sandbox.bytes(path) == Array(model[info.files[file].range]))
        }
    }

    @Test func aFileThatExistsKeepsItsBytes() throws {
        let store = try FileStore(info, in: sandbox.path)
        try put([1, 2], in: store)
        try store.setWanted(false, file: 1)
        try put([0, 4], in: store)
        try expect([0, 1, 2, 4], in: store)
        #expect(!sandbox.files.contains(FileNames(info).parts))
    }

    @Test func aWriteInFlightToASkippedFileIsNotLost() throws {
        let store = try FileStore(info, in: sandbox.path)
        try store.setWanted(false, file: 1)
        try put([1], in: store)
        // Piece 2 is only in file 1 and has no slot in the parts file: the file is created, with what was kept of it.
        try put([2], in: store)
        try expect([1, 2], in: store)
        try expect([1, 2], in: FileStore(info, in: sandbox.path))
    }

    @Test func anInterruptedMoveOutOfThePartsFileIsRepeated() throws {
        let store = try FileStore(info, in: sandbox.path)
        try store.setWanted(false, file: 1)
        try put([0, 1, 4], in: store)
        store.close()
        // A kill left half of it under the temporary name.
        try sandbox.put("t/" + FileNames(info).temporary(1), [1, 2, 3])
        let later = try FileStore(info, in: sandbox.path)
        try expect([0, 1, 4], in: later)
        try later.setWanted(false, file: 1)
        try later.setWanted(true, file: 1)
        try expect([0, 1, 4], in: later)
        #expect(!sandbox.files.contains { $0.hasSuffix(".tmp") })
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func anySelectionReadsAsWritten(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let info = TorrentInfo.random(using: &random)
        let model = info.masked(random.bytes(info.geometry.spaceSize))
        let sandbox = Sandbox()
        var store = try FileStore(info, in: sandbox.path)
        var written: Set<Int> = []
        for step in 0..<150 {
            let piece = Int.random(in: 0..<info.geometry.pieceCount, using: &random)
            let begin = piece * info.geometry.pieceLength
            let bytes = Array(model[begin..<begin + info.geometry.byteCount(of: PieceIndex(piece))])
            switch Int.random(in: 0..<8, using: &random) {
            case 0, 1: try store.setWanted(false, file: Int.random(in: 0..<info.files.count, using: &random))
            case 2: try store.setWanted(true, file: Int.random(in: 0..<info.files.count, using: &random))
            case 3 where step % 3 == 0:
                store = try FileStore(info, in: sandbox.path)
                try store.claim(Bitfield(count: info.geometry.pieceCount, allSet: true))
            case 4: try store.flush()
            default:
                try store.put(piece, 0, bytes, chunk: 5)
                written.insert(piece)
            }
            guard let any = written.randomElement(using: &random) else { continue }
            let start = any * info.geometry.pieceLength
            let count = info.geometry.byteCount(of: PieceIndex(any))
            #expect(try store.bytes(any, 0, count) == Array(model[start..<start + count]), "seed \(seed), step \(step)")
        }
    }
}
