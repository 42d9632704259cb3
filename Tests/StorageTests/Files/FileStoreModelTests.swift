// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Testing

@testable import RucheStorage

/// Compares the store with a flat array of bytes.
struct FileStoreModelTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func randomSpansReadAsWritten(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let info = TorrentInfo.random(using: &random)
        let sandbox = Sandbox()
        var options = FileStoreOptions()
        options.limits.openFiles = Int.random(in: 1...4, using: &random)
        options.allocation = Bool.random(using: &random) ? .sparse : .preallocated
        var store = try FileStore(info, in: sandbox.at("downloads"), options: options)
        var model = info.masked(random.bytes(info.geometry.spaceSize))
        try info.fill(store, with: model)

        for step in 0..<300 {
            let piece = Int.random(in: 0..<info.geometry.pieceCount, using: &random)
            let length = info.geometry.byteCount(of: PieceIndex(piece))
            let offset = Int.random(in: 0...length, using: &random)
            let count = Int.random(in: 0...length - offset, using: &random)
            let begin = piece * info.geometry.pieceLength + offset
            let range = begin..<begin + count
            switch Int.random(in: 0..<20, using: &random) {
            case 0: store.close()
            case 1: try store.flush()
            case 2:
                store = try FileStore(info, in: sandbox.at("downloads"), options: options)
                try store.claim(Bitfield(count: info.geometry.pieceCount, allSet: true))
            case 3: if let file = info.storedFiles.randomElement(using: &random) { try store.finish(file: file) }
            case 4: try store.createSkeleton()
            case 5...11:
                let bytes = random.bytes(count)
                try store.put(piece, offset, bytes, chunk: Int.random(in: 1...20, using: &random))
                model.replaceSubrange(range, with: bytes)
                model = info.masked(model)
            default:
                if let bytes = store.bytesAtOnce(piece, offset, count) {
                    #expect(bytes == Array(model[range]), "seed \(seed), step \(step), at once")
                }
                #expect(try store.bytes(piece, offset, count) == Array(model[range]), "seed \(seed), step \(step)")
            }
        }
        for file in info.storedFiles {
            try store.finish(file: file)
            let onDisk = sandbox.bytes("downloads/" + info.files[file].path.joined(separator: "/"))
            #expect(onDisk == Array(model[info.files[file].range]), "seed \(seed), file \(file)")
        }
        #expect(!sandbox.files.contains { $0.hasSuffix(".part") || $0.contains(".pad") || $0.hasSuffix(".tmp") })
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func manyThreadsAtOnce(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let info = TorrentInfo.random(using: &random)
        let sandbox = Sandbox()
        var options = FileStoreOptions()
        options.limits.openFiles = 2
        let store = try FileStore(info, in: sandbox.path, options: options)
        let model = info.masked(random.bytes(info.geometry.spaceSize))
        let skipped = info.storedFiles.filter { _ in Bool.random(using: &random) }
        for file in skipped { try store.setWanted(false, file: file) }

        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            var random = SeededGenerator(seed: seed &* 100 + UInt64(thread))
            for piece in (0..<info.geometry.pieceCount).shuffled(using: &random) where piece % 4 == thread % 4 {
                let begin = piece * info.geometry.pieceLength
                let bytes = Array(model[begin..<begin + info.geometry.byteCount(of: PieceIndex(piece))])
                #expect(storageError { () throws(StorageError) in try store.put(piece, 0, bytes, chunk: 7) } == nil)
                #expect((try? store.bytes(piece, 0, bytes.count)) == bytes, "seed \(seed), piece \(piece)")
                if piece % 5 == 0 { store.close() }
                if piece % 3 == 0, let file = skipped.randomElement(using: &random) {
                    #expect(storageError { () throws(StorageError) in try store.setWanted(true, file: file) } == nil)
                }
                if piece % 7 == 0 { #expect(storageError { () throws(StorageError) in try store.flush() } == nil) }
            }
        }
        for piece in 0..<info.geometry.pieceCount {
            let begin = piece * info.geometry.pieceLength
            let count = info.geometry.byteCount(of: PieceIndex(piece))
            #expect(try store.bytes(piece, 0, count) == Array(model[begin..<begin + count]), "seed \(seed), \(piece)")
        }
    }

    @Test func spansOutsideOfTheTorrentAreRefused() throws {
        let sandbox = Sandbox()
        let store = try FileStore(.test(pieceLength: 10, [TestFile("t/a", 25)]), in: sandbox.path)
        for (piece, offset, count) in [(2, 0, 6), (3, 0, 1), (0, 5, 6), (0, -1, 1), (Int(UInt32.max), 0, 1)] {
            #expect(
                storageError { () throws(StorageError) in _ = try store.bytes(piece, offset, count) }?.code == .limit
            )
            let bytes = Array(repeating: UInt8(1), count: count)
            #expect(storageError { () throws(StorageError) in try store.put(piece, offset, bytes) }?.code == .limit)
        }
        #expect(sandbox.files.isEmpty)
    }

    @Test func manyFilesAreFound() throws {
        let count = 100_000
        let info = TorrentInfo.test(pieceLength: 1 << 14, (0..<count).map { TestFile("t/\($0 / 1000)/\($0)", 3) })
        let layout = FileLayout(info)
        for place in [0, 1, 2, 3, 149_999, 299_999] {
            let found = Array(layout.segments(of: place..<place + 1))
            #expect(found == [.init(file: place / 3, offset: place % 3, count: 1, isStored: true)])
        }
        let sandbox = Sandbox()
        let store = try FileStore(info, in: sandbox.path)
        let piece = (0..<1 << 14).map { UInt8(truncatingIfNeeded: $0) }
        try store.put(1, 0, piece, chunk: 16_000)
        #expect(try store.bytes(1, 0, piece.count) == piece)
    }
}
