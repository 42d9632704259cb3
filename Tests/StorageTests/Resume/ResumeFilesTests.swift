// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheWire
import Testing

@testable import RucheStorage

/// The journal and the files together: what was changed behind our back is hashed again.
struct ResumeFilesTests {
    private let sandbox = Sandbox()
    /// Pieces: a a|b b|c c|d.
    private let info = TorrentInfo.test(
        pieceLength: 8,
        [TestFile("t/a", 12), TestFile("t/b", 12), TestFile("t/c", 12), TestFile("t/d", 8)]
    )

    private func open(_ store: FileStore) throws -> ResumeJournal {
        let path = StateFolder.journalPath(downloads: sandbox.path, hashes: info.hashes)
        return try .open(path, for: ResumeIdentity(info)) { store.changedPieces(since: $0) }
    }

    private func makeStore() throws -> FileStore { try FileStore(info, in: sandbox.path) }

    private func fill(_ store: FileStore, _ journal: ResumeJournal, _ pieces: [Int]) throws {
        for piece in pieces {
            let count = info.geometry.byteCount(of: PieceIndex(piece))
            try store.put(piece, 0, Array(repeating: UInt8(piece + 1), count: count))
            try journal.append(verified: [PieceIndex(piece)])
        }
    }

    private func numbers(_ set: Bitfield) -> [Int] { set.indices.map(\.int) }

    private func touch(_ name: String) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 7)],
            ofItemAtPath: sandbox.at(name)
        )
    }

    @Test func nothingHappenedNothingIsSuspect() throws {
        let store = try makeStore()
        let journal = try open(store)
        try fill(store, journal, Array(0..<6))
        try store.finish(file: 0)
        try journal.close(flushing: store, facts: store.allFacts())
        let state = try open(makeStore()).state
        #expect(state.verified.isComplete && state.suspects.isEmpty && state.wasClosedCleanly)
    }

    @Test func aFileDeletedUnderneathIsSuspectAfterAKill() throws {
        let store = try makeStore()
        let journal = try open(store)
        try fill(store, journal, Array(0..<6))
        journal.abandon()
        store.close()
        try sandbox.remove("t/b.part")
        #expect(truncate(sandbox.at("t/d.part"), 3) == 0)
        let state = try open(makeStore()).state
        #expect(numbers(state.verified) == [0, 3])
        #expect(numbers(state.suspects) == [1, 2, 4, 5])
    }

    @Test func aFileChangedUnderneathIsSuspectAfterACleanClose() throws {
        let store = try makeStore()
        var journal = try open(store)
        try fill(store, journal, Array(0..<6))
        try journal.close(flushing: store, facts: store.allFacts())
        try touch("t/a.part")
        journal = try open(makeStore())
        #expect(numbers(journal.state.suspects) == [0, 1])
        journal.abandon()
        // A kill before they were hashed again does not make them verified.
        #expect(numbers(try open(makeStore()).state.suspects) == [0, 1])
    }

    @Test func writingContinuesAfterACleanClose() throws {
        var store = try makeStore()
        var journal = try open(store)
        try fill(store, journal, [0, 1])
        try journal.close(flushing: store, facts: store.allFacts())
        store = try makeStore()
        journal = try open(store)
        try store.claim(journal.state.verified)
        try fill(store, journal, [2, 3])
        try touch("t/b.part")
        journal.abandon()
        let state = try open(makeStore()).state
        #expect(numbers(state.verified) == [0, 1, 2, 3])
    }

    @Test func aFinishedFileChangedUnderneathIsSuspectAfterAKill() throws {
        let store = try makeStore()
        let journal = try open(store)
        try fill(store, journal, Array(0..<6))
        try store.finish(file: 3)
        try journal.append(facts: [3: #require(try store.facts(file: 3))])
        journal.abandon()
        try touch("t/d")
        #expect(numbers(try open(makeStore()).state.suspects) == [4, 5])
    }

    @Test func whatIsInThePartsFileIsNotMissed() throws {
        let store = try makeStore()
        var journal = try open(store)
        try store.setWanted(false, file: 1)
        try fill(store, journal, [0, 1, 3, 4])
        try journal.close(flushing: store, facts: store.allFacts())
        store.close()
        journal = try open(makeStore())
        #expect(numbers(journal.state.verified) == [0, 1, 3, 4])
        journal.abandon()
        try sandbox.remove(FileNames(info).parts)
        #expect(numbers(try open(makeStore()).state.suspects) == [1])
    }

    @Test func filesThatWeMadeAreKnownAgain() throws {
        let store = try makeStore()
        let journal = try open(store)
        store.recall(journal.state) { file, inode throws(StorageError) in try journal.append(made: file, inode: inode) }
        // Killed before the first piece was complete.
        try store.put(0, 0, [1, 2, 3])
        journal.abandon()
        let later = try makeStore()
        let found = try open(later).state
        #expect(numbers(try later.piecesToCheck(since: found)) == [])
        later.recall(found) { _, _ in }
        try later.claim(Bitfield(count: 6))
        try later.put(0, 0, [4])
        #expect(sandbox.bytes("t/a.part")?.prefix(3) == [4, 2, 3])
    }

    @Test func aReusedInodeIsNotMistaken() throws {
        let store = try makeStore()
        var journal = try open(store)
        store.recall(journal.state) { [journal] file, inode throws(StorageError) in
            try journal.append(made: file, inode: inode)
        }
        try fill(store, journal, Array(0..<6))
        try store.finish(file: 3)
        try journal.close(flushing: store, facts: store.allFacts())
        store.close()
        // As if the user had removed it, and his own file had got its inode.
        let file = try #require(FileHandle(forWritingAtPath: sandbox.at("t/d")))
        try file.write(contentsOf: [9, 9, 9, 9, 9, 9, 9, 9])
        try touch("t/d")
        let later = try makeStore()
        journal = try open(later)
        #expect(numbers(journal.state.suspects) == [4, 5])
        later.recall(journal.state) { _, _ in }
        let error = storageError { () throws(StorageError) in try later.claim(journal.state.verified) }
        #expect(error?.code == .occupied && error?.path == sandbox.at("t/d"))
    }

    @Test func unvouchedFilesAreChecked() throws {
        let journal = try open(makeStore())
        journal.abandon()
        try sandbox.put("t/b", Array(repeating: 9, count: 12))
        let later = try makeStore()
        #expect(numbers(try later.piecesToCheck(since: open(later).state)) == [1, 2])
    }

    @Test func smallFilesAreReplacedWhole() throws {
        let path = sandbox.at("state/x/metadata")
        try SmallFile.replace(path, with: [1, 2, 3])
        try SmallFile.replace(path, with: [4])
        #expect(try SmallFile.read(path, limit: 1) == [4])
        #expect(storageError { () throws(StorageError) in _ = try SmallFile.read(path, limit: 0) }?.code == .limit)
        let missing = storageError { () throws(StorageError) in _ = try SmallFile.read(path + "x", limit: 9) }
        #expect(missing?.code == .missing)
        #expect(sandbox.files == ["state/x/metadata"])
    }
}
