// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheWire
import Testing

@testable import RucheStorage

@Suite struct SessionCatalogueTests {
    private let folder = NSTemporaryDirectory() + "ruche-catalogue-\(UUID().uuidString)"

    private func withFolder(_ body: (String) throws -> Void) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func entry(_ number: UInt8, _ flags: CatalogueEntry.Flags = .complete) throws -> CatalogueEntry {
        let digest = try #require(SHA1Digest(Array(repeating: number, count: 20)))
        var entry = CatalogueEntry(
            hashes: try #require(InfoHashes(v1: digest, v2: nil)),
            name: "torrent \(number)",
            flags: flags
        )
        entry.folder = number.isMultiple(of: 2) ? nil : "/srv"
        entry.trackers = [["http://a.example/announce"], ["udp://b.example:1", "udp://c.example:1"]]
        entry.totalBytes = Int(number) << 33
        entry.pieceCount = 1_000
        entry.filePriorities = [3: 0, 9: 2]
        entry.onlyPaths = ["a/b"]
        // Some records are as they were before this field existed.
        if number.isMultiple(of: 2) { entry.untoldCompletion = ["udp://b.example:1"] }
        return entry
    }

    private func path(_ folder: String) -> String { "\(folder)/\(SessionCatalogue.name)" }

    @Test("What was put, changed and removed is found again, in order")
    func roundTrip() throws {
        try withFolder { folder in
            let first = try SessionCatalogue.open(in: folder)
            #expect(first.entries.isEmpty && first.damagedByteCount == 0)
            for number in 1...5 as ClosedRange<UInt8> { try first.catalogue.put(isNew: true) { try? entry(number) } }
            try first.catalogue.put(isNew: false) { try? entry(2, [.complete, .paused]) }
            try first.catalogue.put(isNew: false) { nil }
            try first.catalogue.remove(try entry(4).hashes)
            try first.catalogue.close()
            let second = try SessionCatalogue.open(in: folder)
            #expect(try second.entries == [entry(1), entry(2, [.complete, .paused]), entry(3), entry(5)])
        }
    }

    @Test("A kill at any byte of a write loses nothing that was acknowledged before")
    func kills() throws {
        try withFolder { folder in
            let writing = try SessionCatalogue.open(in: folder)
            var sizes: [Int] = []
            for number in 1...4 as ClosedRange<UInt8> {
                try writing.catalogue.put(isNew: true) { try? entry(number) }
                sizes.append(try #require(FileManager.default.contents(atPath: path(folder))).count)
            }
            writing.catalogue.abandon()
            let whole = try #require(FileManager.default.contents(atPath: path(folder)))
            for size in 18...whole.count {
                try whole.prefix(size).write(to: URL(fileURLWithPath: path(folder)))
                let opened = try SessionCatalogue.open(in: folder)
                #expect(opened.entries.count == sizes.count { $0 <= size }, "\(size) of \(whole.count) bytes")
                // The next record follows where the torn one began.
                try opened.catalogue.put(isNew: true) { try? entry(9) }
                opened.catalogue.abandon()
                let again = try SessionCatalogue.open(in: folder)
                #expect(try again.entries.last == entry(9))
                #expect(again.entries.count == opened.entries.count + 1 && again.damagedByteCount == 0)
                again.catalogue.abandon()
            }
        }
    }

    @Test("A damaged record costs only its own torrent, and is kept for inspection")
    func damage() throws {
        try withFolder { folder in
            let writing = try SessionCatalogue.open(in: folder)
            var sizes = [18]
            for number in 1...3 as ClosedRange<UInt8> {
                try writing.catalogue.put(isNew: true) { try? entry(number) }
                sizes.append(try #require(FileManager.default.contents(atPath: path(folder))).count)
            }
            writing.catalogue.abandon()
            let whole = try #require(FileManager.default.contents(atPath: path(folder)))
            for index in sizes[1]..<sizes[2] {
                var bytes = whole
                bytes[index] ^= 0x40
                try bytes.write(to: URL(fileURLWithPath: path(folder)))
                let opened = try SessionCatalogue.open(in: folder)
                #expect(try opened.entries == [entry(1), entry(3)])
                #expect(opened.damagedByteCount == sizes[2] - sizes[1])
                #expect(FileManager.default.contents(atPath: path(folder) + ".damaged") == bytes)
                opened.catalogue.abandon()
                let again = try SessionCatalogue.open(in: folder)
                #expect(again.entries.count == 2 && again.damagedByteCount == 0)
                again.catalogue.abandon()
            }
        }
    }

    @Test("Endless changes do not make the file grow endlessly")
    func rewriting() throws {
        try withFolder { folder in
            let opened = try SessionCatalogue.open(in: folder)
            try opened.catalogue.put(isNew: true) { try? entry(1) }
            for _ in 0..<10_000 { try opened.catalogue.put(isNew: false) { try? entry(1, .paused) } }
            try opened.catalogue.close()
            let size = try #require(FileManager.default.contents(atPath: path(folder))).count
            #expect(size < 5_000 * 300)
            #expect(try SessionCatalogue.open(in: folder).entries == [entry(1, .paused)])
        }
    }

    @Test("Only one session has the catalogue open")
    func lock() throws {
        try withFolder { folder in
            let first = try SessionCatalogue.open(in: folder)
            #expect(throws: StorageError.self) { try SessionCatalogue.open(in: folder) }
            try first.catalogue.close()
            _ = try SessionCatalogue.open(in: folder)
        }
    }
}
