// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheStorage

/// The recheck of many shapes of torrents, with several pieces under way on each thread.
@Suite struct PieceScanTests {
    /// Lengths of files: many small ones, a few large ones, or one.
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
