// SPDX-License-Identifier: Apache-2.0

import RucheStorage
import RucheWire
import Testing

@testable import RucheSwarm

/// Which pieces are hashed and stored together.
struct JudgeQueueTests {
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 20, alignment: 16)
    private let enough = PieceHasher.bestPieceCount

    private func makeRequest(_ piece: Int, byteCount: Int = 1 << 20) -> JudgeRequest {
        let data = PieceData(chunks: [UnsafeRawBufferPointer(rebasing: buffer[..<byteCount])])
        return JudgeRequest(piece: PieceIndex(piece), wantsDigests: false, data: data)
    }

    private func moment(_ milliseconds: Int) -> Instant { Instant.zero + .seconds(1000) + .milliseconds(milliseconds) }

    private func hash(_ requests: [JudgeRequest]) -> [HashedPiece] {
        requests.map { HashedPiece(request: $0, verdict: .right) }
    }

    @Test func aPieceAfterASilenceIsNotDelayed() {
        defer { buffer.deallocate() }
        var queue = JudgeQueue()
        queue.append(makeRequest(0), at: moment(0))
        #expect(queue.nextToHash(jobLimit: 1, at: moment(0)).map(\.piece) == [PieceIndex(0)])
        #expect(queue.gathersUntil == nil)
    }

    @Test func thoseThatFollowCloselyAreGathered() {
        defer { buffer.deallocate() }
        var queue = JudgeQueue()
        queue.append(makeRequest(0), at: moment(0))
        #expect(queue.nextToHash(jobLimit: 2, at: moment(0)).count == 1)
        for piece in 1..<enough {
            queue.append(makeRequest(piece, byteCount: 16 << 10), at: moment(1))
            #expect(queue.nextToHash(jobLimit: 2, at: moment(1)).isEmpty)
        }
        #expect(queue.gathersUntil == moment(1) + JudgeQueue.gatherTime)
        queue.append(makeRequest(enough, byteCount: 16 << 10), at: moment(2))
        #expect(queue.nextToHash(jobLimit: 2, at: moment(2)).map(\.piece) == (1...enough).map { PieceIndex($0) })
    }

    @Test func nobodyWaitsForLong() {
        defer { buffer.deallocate() }
        var queue = JudgeQueue()
        queue.append(makeRequest(0), at: moment(0))
        queue.handleHashed(hash(queue.nextToHash(jobLimit: 1, at: moment(0))))
        queue.append(makeRequest(1, byteCount: 16 << 10), at: moment(1))
        let end = moment(1) + JudgeQueue.gatherTime
        #expect(queue.nextToHash(jobLimit: 1, at: end + .milliseconds(-1)).isEmpty)
        #expect(queue.nextToHash(jobLimit: 1, at: end).count == 1)
    }

    @Test func manyBytesAreNotDelayedAndJobsAreBounded() {
        defer { buffer.deallocate() }
        var queue = JudgeQueue()
        queue.append(makeRequest(0), at: moment(0))
        _ = queue.nextToHash(jobLimit: 9, at: moment(0))
        queue.append(makeRequest(1, byteCount: 16 << 20), at: moment(1))
        queue.append(makeRequest(2, byteCount: 16 << 20), at: moment(1))
        #expect(queue.nextToHash(jobLimit: 9, at: moment(1)).map(\.piece) == [PieceIndex(1)])
        #expect(queue.nextToHash(jobLimit: 9, at: moment(1)).map(\.piece) == [PieceIndex(2)])
        for piece in 0..<2 * JudgeQueue.batchCount {
            queue.append(makeRequest(piece, byteCount: 16 << 10), at: moment(1))
        }
        #expect(queue.nextToHash(jobLimit: 9, at: moment(1)).count == JudgeQueue.batchCount)
    }

    @Test func jobsAreBounded() {
        defer { buffer.deallocate() }
        var queue = JudgeQueue()
        for piece in 0..<3 * JudgeQueue.batchCount { queue.append(makeRequest(piece), at: moment(0)) }
        let first = queue.nextToHash(jobLimit: 1, at: moment(0))
        #expect(!first.isEmpty)
        #expect(queue.nextToHash(jobLimit: 1, at: moment(100)).isEmpty)
        queue.handleHashed(hash(first))
        #expect(!queue.nextToHash(jobLimit: 1, at: moment(100)).isEmpty)
    }

    @Test func oneJobStoresAllThatWasHashed() {
        defer { buffer.deallocate() }
        var queue = JudgeQueue()
        for piece in 0..<3 { queue.append(makeRequest(piece, byteCount: 8 << 20), at: moment(0)) }
        let batches = (0..<3).map { _ in queue.nextToHash(jobLimit: 3, at: moment(0)) }
        queue.handleHashed(hash(batches[0]))
        #expect(queue.nextToStore().map(\.request.piece) == batches[0].map(\.piece))
        queue.handleHashed(hash(batches[1]))
        queue.handleHashed(hash(batches[2]))
        #expect(queue.nextToStore().isEmpty)
        queue.handleStored()
        #expect(queue.nextToStore().map(\.request.piece) == (batches[1] + batches[2]).map(\.piece))
        #expect(!queue.isIdle)
        queue.handleStored()
        #expect(queue.isIdle)
    }
}

extension JudgeQueueTests {
    @Test func unstoredPiecesAreStoredWithLaterOnes() {
        defer { buffer.deallocate() }
        var queue = JudgeQueue()
        for piece in 0..<3 { queue.append(makeRequest(piece), at: .zero) }
        queue.handleHashed(hash(queue.nextToHash(jobLimit: 1, at: .zero + .seconds(1))))
        let first = queue.nextToStore()
        queue.handleStored(unstored: Array(first.prefix(2)))
        #expect(queue.unstoredCount == 2 && !queue.isIdle && queue.nextToStore().isEmpty)
        queue.append(makeRequest(3), at: .zero + .seconds(2))
        queue.handleHashed(hash(queue.nextToHash(jobLimit: 1, at: .zero + .seconds(3))))
        #expect(queue.nextToStore().map(\.request.piece) == [PieceIndex(3)], "others do not wait for it")
        queue.handleStored()
        queue.retryUnstored()
        #expect(queue.nextToStore().map(\.request.piece) == [PieceIndex(0), PieceIndex(1)])
        queue.handleStored(unstored: Array(first.prefix(1)))
        #expect(queue.abandonUnstored() == [PieceIndex(0)])
        #expect(queue.isIdle)
    }

    @Test func whatThePoolRefusesIsTheNextAgain() {
        defer { buffer.deallocate() }
        var queue = JudgeQueue()
        for piece in 0..<2 { queue.append(makeRequest(piece), at: .zero) }
        let refused = queue.nextToHash(jobLimit: 1, at: .zero + .seconds(1))
        queue.append(makeRequest(2), at: .zero + .seconds(1))
        queue.handleRefused(refused)
        let again = queue.nextToHash(jobLimit: 1, at: .zero + .seconds(2))
        #expect(again.map(\.piece) == (0..<3).map { PieceIndex($0) })
    }
}
