// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheWire
import Testing

@testable import RucheStorage

/// A journal never claims more than the truth after a restart.
struct ResumeJournalTests {
    private let sandbox = Sandbox()
    private let identity = ResumeIdentity(hashes: .test(1), pieceCount: 70)
    private let boot = BootID(text: "one".utf8)
    private let store = MemoryStore(pieceLength: 1, limitBytes: 1)

    private var path: String { sandbox.at("state/a.resume") }

    private func open(_ boot: BootID? = nil, limits: StorageLimits = .init()) throws(StorageError) -> ResumeJournal {
        try ResumeJournal(path, identity, limits, boot: boot ?? self.boot)
    }

    private func pieces(_ numbers: Int...) -> [PieceIndex] { numbers.map { PieceIndex($0) } }

    private func numbers(_ set: Bitfield) -> [Int] { set.indices.map(\.int) }

    @Test func aNewJournalClaimsNothing() throws {
        let journal = try open()
        #expect(journal.state.isFresh)
        #expect(journal.state.verified.isEmpty && journal.state.suspects.isEmpty)
    }

    @Test func aKillLosesNothing() throws {
        let journal = try open()
        var totals = ResumeTotals()
        (totals.uploadedBytes, totals.downloadedBytes, totals.addedSeconds) = (1, 1 << 60, -5)
        let facts = [3: FileFacts(size: 9, modifiedNanoseconds: -1, isFinished: true)]
        try journal.append(verified: pieces(5, 3, 4, 69))
        try journal.append(lost: pieces(4))
        try journal.append(totals: totals)
        try journal.append(facts: facts)
        journal.abandon()

        let state = try open().state
        #expect(numbers(state.verified) == [3, 5, 69])
        #expect(state.suspects.isEmpty)
        #expect(state.totals == totals)
        #expect(state.facts == facts)
        #expect(!state.isFresh && !state.wasClosedCleanly)
    }

    @Test("A failed flush leaves what it should have covered in doubt, even without a reboot")
    func failedFlush() throws {
        let failing = BusyStore(failure: StorageError(.io, operation: "flush", path: "x", reason: "no"))
        let journal = try open()
        try journal.append(verified: pieces(1, 2))
        try journal.checkpoint(flushing: store)
        try journal.append(verified: pieces(3, 4))
        #expect(storageError { () throws(StorageError) in try journal.checkpoint(flushing: failing) }?.code == .io)
        try journal.append(verified: pieces(4))
        try journal.checkpoint(flushing: store)
        journal.abandon()
        let state = try open().state
        #expect(numbers(state.verified) == [1, 2, 4] && numbers(state.suspects) == [3])
    }

    @Test func whatWasNotFlushedIsSuspectAfterAReboot() throws {
        var journal = try open()
        try journal.append(verified: pieces(1, 2))
        try journal.checkpoint(flushing: store)
        try journal.append(verified: pieces(3, 4))
        journal.abandon()
        // Another process in the same boot claims all of it, and does not flush it either.
        journal = try open()
        #expect(numbers(journal.state.verified) == [1, 2, 3, 4])
        journal.abandon()

        journal = try open(BootID(text: "two".utf8))
        #expect(numbers(journal.state.verified) == [1, 2])
        #expect(numbers(journal.state.suspects) == [3, 4])
        try journal.append(verified: pieces(3))
        try journal.append(lost: pieces(4))
        try journal.checkpoint(flushing: store)
        journal.abandon()
        journal = try open(BootID(text: "three".utf8))
        #expect(numbers(journal.state.verified) == [1, 2, 3])
        #expect(journal.state.suspects.isEmpty)
    }

    @Test func suspectsStaySuspectUntilTheyAreSettled() throws {
        var journal = try open()
        try journal.append(verified: pieces(1, 2, 3))
        try journal.close(flushing: store, facts: [:])
        var changed = Bitfield(count: identity.pieceCount)
        changed.insert(PieceIndex(2))
        journal = try ResumeJournal(path, identity, boot: boot) { state in
            #expect(state.wasClosedCleanly)
            return changed
        }
        #expect(journal.state.wasClosedCleanly)
        #expect(numbers(journal.state.suspects) == [2])
        journal.abandon()
        journal = try open()
        #expect(!journal.state.wasClosedCleanly)
        #expect(numbers(journal.state.suspects) == [2])
        #expect(numbers(journal.state.verified) == [1, 3])
    }

    @Test func anUnknownBootIsNeverTheSame() throws {
        let journal = try open(.unknown)
        try journal.append(verified: pieces(1))
        journal.abandon()
        #expect(numbers(try open(.unknown).state.suspects) == [1])
        #expect(!BootID.unknown.isSameBoot(as: .unknown))
    }

    #if os(Linux)
    @Test func thisBootIsTheSystems() throws {
        let text = try #require(FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id"))
        #expect(BootID.current == BootID(text: text))
        #expect(BootID.current.isSameBoot(as: .current))
    }
    #endif

    @Test func aCheckpointCoversOnlyWhatCameBefore() throws {
        let journal = try open()
        try journal.append(verified: pieces(1, 2, 3))
        // While the store flushes, piece 2 is lost and verified again, and piece 9 is new.
        let busy = BusyStore {
            try? journal.append(lost: [PieceIndex(2)])
            try? journal.append(verified: [PieceIndex(2), PieceIndex(9)])
        }
        try journal.checkpoint(flushing: busy)
        #expect(busy.noted.map(numbers) == [1, 2, 3])
        journal.abandon()
        let state = try open(BootID(text: "two".utf8)).state
        #expect(numbers(state.verified) == [1, 3])
        #expect(numbers(state.suspects) == [2, 9])
    }

    @Test func aFailedFlushCoversNothing() throws {
        let journal = try open()
        try journal.append(verified: pieces(1))
        let failing = BusyStore(failure: StorageError(.io, operation: "flush", path: "x", reason: "no"))
        #expect(storageError { () throws(StorageError) in try journal.checkpoint(flushing: failing) }?.code == .io)
        journal.abandon()
        #expect(numbers(try open(BootID(text: "two".utf8)).state.suspects) == [1])
    }

    @Test func aFlushThatWasNotTriedLeavesNoDoubt() throws {
        let journal = try open()
        try journal.append(verified: pieces(1))
        let busy = BusyStore(failure: StorageError(.tooManyOpenFiles, operation: "flush", path: "x", reason: "no"))
        #expect(storageError { () throws(StorageError) in try journal.checkpoint(flushing: busy) } != nil)
        #expect(numbers(journal.state.verified) == [1] && numbers(journal.state.unflushed) == [1])
    }

    @Test func onlyOneMayHaveIt() throws {
        var limits = StorageLimits()
        limits.journalGrowthBytes = 10
        let journal = try open(limits: limits)
        for _ in 0..<100 { try journal.append(verified: pieces(1, 3, 5)) }
        #expect(storageError { () throws(StorageError) in _ = try open() }?.code == .inUse)
        journal.abandon()
        #expect(numbers(try open().state.verified) == [1, 3, 5])
    }

    @Test func theJournalOfAnotherTorrentIsRefused() throws {
        try open().abandon()
        let others = [
            ResumeIdentity(hashes: .test(2), pieceCount: 70), ResumeIdentity(hashes: .test(1), pieceCount: 71),
        ]
        for other in others {
            let opening = storageError { () throws(StorageError) in _ = try ResumeJournal(path, other, boot: boot) }
            #expect(opening?.code == .corrupt)
        }
    }

    @Test func itStaysSmall() throws {
        var limits = StorageLimits()
        limits.journalGrowthBytes = 1000
        let journal = try open(limits: limits)
        var truth = Bitfield(count: 70)
        var random = SeededGenerator(seed: 3)
        for step in 0..<2000 {
            let piece = PieceIndex(Int.random(in: 0..<70, using: &random))
            if Int.random(in: 0..<10, using: &random) == 0 {
                try journal.append(lost: [piece])
                truth.remove(piece)
            } else {
                try journal.append(verified: [piece])
                truth.insert(piece)
            }
            if step == 1000 { try journal.checkpoint(flushing: store) }
        }
        #expect(try #require(sandbox.bytes("state/a.resume")).count < 4000)
        let unflushed = journal.state.unflushed
        journal.abandon()
        let state = try open().state
        #expect(state.verified == truth)
        #expect(state.unflushed == unflushed)
        #expect(sandbox.files == ["state/a.resume"])
    }

    @Test(.enabled(if: Mount.isPossible, "mounting needs root"))
    func aFullDiskCostsTheBatchAndNothingElse() throws {
        let disk = try Mount(sandbox.at("disk"), "size=64k")
        defer { disk.unmount() }
        let path = disk.path + "/a.resume"
        let identity = ResumeIdentity(hashes: .test(1), pieceCount: 100_000)
        let journal = try ResumeJournal(path, identity, boot: boot)
        var truth = Bitfield(count: identity.pieceCount)
        var failure: StorageError?
        for first in stride(from: 0, to: 100_000, by: 500) where failure == nil {
            let batch = stride(from: first, to: first + 500, by: 2).map { PieceIndex($0) }
            failure = storageError { () throws(StorageError) in try journal.append(verified: batch) }
            if failure == nil { for piece in batch { truth.insert(piece) } }
        }
        #expect(failure?.code == .diskFull)
        #expect(!truth.isEmpty)
        #expect(journal.state.verified == truth)
        try journal.append(verified: [])
        journal.abandon()
        let again = try ResumeJournal(path, identity, boot: boot)
        #expect(again.state.verified == truth)
        #expect(again.state.suspects.isEmpty)
    }
}

/// Does something else during a flush.
final class BusyStore: PieceStore, @unchecked Sendable {  // one thread in these tests
    private let work: () -> Void
    private let failure: StorageError?
    private(set) var noted: Bitfield?

    init(failure: StorageError? = nil, _ work: @escaping () -> Void = {}) {
        self.work = work
        self.failure = failure
    }

    func read(piece: PieceIndex, offset: Int, into chunks: [UnsafeMutableRawBufferPointer]) throws(StorageError) {}
    func write(piece: PieceIndex, offset: Int, chunks: [UnsafeRawBufferPointer]) throws(StorageError) {}
    func noteUnflushed(_ pieces: Bitfield) { noted = pieces }
    func close() {}

    func flush() throws(StorageError) {
        work()
        if let failure { throw failure }
    }
}
