// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheWire
import Synchronization
import Testing

@testable import RucheStorage

/// The recheck of torrents of many shapes, with several pieces at a time on each thread.
@Suite struct PieceScanTests {
    /// Returns lengths of files: many small ones, a few large ones, or one.
    private static func makeSizes(_ generator: inout SeededGenerator) -> [Int] {
        switch generator.next() % 3 {
        case 0: (0..<40).map { _ in Int(generator.next() % 30_000) }
        case 1: (0..<4).map { _ in Int(generator.next() % 700_000) }
        default: [1 + Int(generator.next() % 2_000_000)]
        }
    }

    @Test(arguments: HandmadeTorrent.Kind.allCases, 1...12 as ClosedRange<UInt64>)
    func damageAndGapsAnywhere(kind: HandmadeTorrent.Kind, seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let pieceLength = Block.byteCount << Int(generator.next() % 4)
        let files = Self.makeSizes(&generator).enumerated().map { patternBytes($1, seed: UInt64($0 + 1)) }
        let torrent = HandmadeTorrent(kind, pieceLength: pieceLength, files: files, alignsFiles: kind != .v1)
        try #require(!torrent.space.isEmpty)

        let pieceCount = torrent.info.geometry.pieceCount
        var space = torrent.space
        var wrong: Set<Int> = []
        var faults: [ScriptedStore.Fault] = []
        for piece in 0..<pieceCount {
            let start = piece * pieceLength
            let place = start + Int(generator.next() % UInt64(torrent.data(PieceIndex(piece)).count))
            switch generator.next() % 5 {
            case 0: space[place] ^= 0x10
            case 1: faults.append(.init(range: place..<place + 1, code: .io))
            default: continue
            }
            wrong.insert(piece)
        }
        let store = ScriptedStore(space, pieceLength: pieceLength, faults: faults)
        var checker = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier)
        checker.threadCount = 1 + Int(generator.next() % 5)
        let report = try await checker.check()
        #expect(Set(report.have.indices.map(\.int)) == Set(0..<pieceCount).subtracting(wrong), "seed \(seed)")
    }

    @Test(arguments: HandmadeTorrent.Kind.allCases)
    func readsAreLong(kind: HandmadeTorrent.Kind) async throws {
        let torrent = HandmadeTorrent(kind, pieceLength: 1 << 20, files: [patternBytes(20 << 20)])
        let store = ScriptedStore(torrent.space, pieceLength: 1 << 20)
        var checker = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier)
        checker.threadCount = 2
        #expect(try await checker.check().have.isComplete)
        #expect(store.readCount <= (20 << 20) / (64 << 10))
        #expect(store.largestRead <= 1 << 20)
    }

    @Test func everyThreadHasWorkToTheEnd() {
        let geometry = PieceGeometry(pieceLength: 16_384, totalSize: 40 * 16_384, padding: [:])
        var pieces = Bitfield(count: 40, allSet: true)
        pieces.remove(PieceIndex(7))
        for wantsSHA1 in [true, false] {
            let plan = ScanPlan(threadCount: 3, pieceCount: 39, wantsSHA1: wantsSHA1)
            let next = NextPieces(pieces, plan: plan)
            var taken: [Int] = []
            while let batch = next.take(geometry) {
                let left = 39 - taken.count
                #expect(batch.count == min(plan.batchCount, (left + 2) / 3))
                taken += batch.map(\.int)
            }
            #expect(taken == (0..<40).filter { $0 != 7 })
        }
    }

    @Test func manyChecksAtOnceShareThePlaces() async throws {
        let jobs = CountedJobs(threadCount: 2)
        let places = ScanPlaces(jobs)
        let torrent = HandmadeTorrent(.v1, pieceLength: 16_384, files: [patternBytes(1 << 20)])
        let store = ScriptedStore(torrent.space, pieceLength: 16_384)
        let found = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    let checker = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier, in: places)
                    return (try? await checker.check().have.setCount) ?? 0
                }
            }
            return await group.reduce(0, +)
        }
        #expect(found == 16 * torrent.info.geometry.pieceCount)
        #expect(jobs.mostAtOnce <= 2)
        let plan = ScanPlan(threadCount: 2, pieceCount: 64, wantsSHA1: true, placeCount: 2)
        #expect(plan.bufferByteCount * jobs.mostAtOnce <= 32 << 20)
    }

    @Test func aPoolThatHasNoRoomIsAskedAgainAndAStoppedOneEndsTheCheck() async throws {
        let torrent = HandmadeTorrent(.v1, pieceLength: 16_384, files: [patternBytes(100_000)])
        let store = ScriptedStore(torrent.space, pieceLength: 16_384)
        let busy = ScanPlaces(CountedJobs(threadCount: 1, refusals: 3))
        let checker = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier, in: busy)
        #expect(try await checker.check().have.isComplete)
        let stopped = ScanPlaces(CountedJobs(threadCount: 1, isActive: false))
        let late = PieceChecker(info: torrent.info, store: store, verifier: torrent.verifier, in: stopped)
        await #expect(throws: CancellationError.self) { try await late.check() }
    }

    @Test(arguments: [1, 2, 16, 64, 128, 1_000], [true, false])
    func memoryIsBounded(threadCount: Int, wantsSHA1: Bool) {
        let plan = ScanPlan(threadCount: threadCount, pieceCount: 100_000, wantsSHA1: wantsSHA1)
        #expect(plan.threadCount <= threadCount)
        #expect(plan.threadCount * plan.bufferByteCount <= 32 << 20)
        #expect(plan.sliceByteCount >= Block.byteCount)
        #expect(plan.sliceByteCount.isMultiple(of: Block.byteCount))
        if wantsSHA1 { #expect(plan.sliceByteCount * plan.batchCount <= plan.bufferByteCount) }
    }
}

/// Runs jobs at once and counts them.
private final class CountedJobs: JobPool {
    let threadCount: Int
    private let isActive: Bool
    private let state: Mutex<(running: Int, most: Int, refusals: Int)>

    init(threadCount: Int, refusals: Int = 0, isActive: Bool = true) {
        self.threadCount = threadCount
        self.isActive = isActive
        state = Mutex((0, 0, refusals))
    }

    var mostAtOnce: Int { state.withLock { $0.most } }

    func run(_ job: @escaping @Sendable (_ isActive: Bool) -> Void) -> Bool {
        let isRefused = state.withLock { state in
            state.refusals -= 1
            return state.refusals >= 0
        }
        if isRefused { return false }
        let isActive = isActive
        DispatchQueue.global().async { [self] in
            state.withLock { state in
                state.running += 1
                state.most = max(state.most, state.running)
            }
            job(isActive)
            state.withLock { $0.running -= 1 }
        }
        return true
    }
}
