// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire

/// Complete pieces on their way through hashing, then storing.
///
/// Several pieces hashed together take far less time than one after the other, so if pieces arrive in quick succession
/// a few are collected first. Hashed pieces are stored by one job at a time: a file system allows one write to a file
/// at a time, and a waiting thread is one fewer for everything else.
struct JudgeQueue {
    /// Pieces in one job.
    static let batchCount = 64
    /// Bytes in one job, unless a single piece is longer. A batch of this many bytes is hashed at once, without waiting
    /// for more.
    static let batchByteCount = 8 << 20
    /// How long a piece may wait for others to be hashed with.
    static let gatherTime = Interval.milliseconds(10)

    private var complete = PieceBatch()
    private var completeSince = Instant.zero
    private var lastCompletion = Instant.zero
    private var hashingJobCount = 0
    private var hashed: [HashedPiece] = []
    private var isStoring = false
    /// Pieces that could not be stored, and wait for another attempt.
    private var unstored: [HashedPiece] = []

    /// Nothing waits, and no job is running.
    var isIdle: Bool {
        complete.isEmpty && hashed.isEmpty && unstored.isEmpty && hashingJobCount == 0 && !isStoring
    }

    /// Pieces that could not be stored and wait for another attempt.
    var unstoredCount: Int { unstored.count }

    // MARK: - Hashing

    mutating func append(_ request: JudgeRequest, at now: Instant) {
        // The first after a pause does not wait: others are not expected soon.
        if complete.isEmpty { completeSince = now - lastCompletion > Self.gatherTime ? .zero : now }
        lastCompletion = now
        complete.append(request)
    }

    /// The time until which pieces wait for others to be hashed with.
    var gathersUntil: Instant? { complete.isEmpty ? nil : completeSince + Self.gatherTime }

    /// Returns the pieces to hash now; empty if none waits, if they are being collected, or if `jobLimit` jobs are
    /// running.
    mutating func nextToHash(jobLimit: Int, at now: Instant) -> [JudgeRequest] {
        let isEnough = complete.count >= PieceHasher.bestPieceCount || complete.byteCount >= Self.batchByteCount
        guard hashingJobCount < jobLimit, isEnough || now >= completeSince + Self.gatherTime else { return [] }
        let batch = complete.next()
        if !batch.isEmpty { hashingJobCount += 1 }
        return batch
    }

    mutating func handleHashed(_ pieces: [HashedPiece]) {
        hashingJobCount -= 1
        hashed += pieces
    }

    /// Handles a refused job: `batch` waits again, before the others.
    mutating func handleRefused(_ batch: [JudgeRequest]) {
        hashingJobCount -= 1
        complete.putBack(batch)
    }

    // MARK: - Storing

    /// Returns the pieces to store now; empty if none waits or a job is running.
    mutating func nextToStore() -> [HashedPiece] {
        guard !isStoring, !hashed.isEmpty else { return [] }
        isStoring = true
        defer { hashed = [] }
        return hashed
    }

    /// Handles a finished job; `pieces` of it could not be stored.
    mutating func handleStored(unstored pieces: [HashedPiece] = []) {
        isStoring = false
        unstored += pieces
    }

    /// Stores the pieces that failed to store, together with those hashed meanwhile.
    mutating func retryUnstored() {
        hashed = unstored + hashed
        unstored = []
    }

    /// Gives up the pieces that could not be stored.
    mutating func abandonUnstored() -> [PieceIndex] {
        defer { unstored = [] }
        return unstored.map(\.request.piece)
    }
}

/// A complete piece to be verified.
struct JudgeRequest {
    let piece: PieceIndex
    /// Whether digests of its blocks are wanted although it is correct.
    let wantsDigests: Bool
    let data: PieceData
}

/// A hashed piece, to be stored if it is correct.
struct HashedPiece {
    let request: JudgeRequest
    let verdict: PieceVerdict
}

/// Complete pieces in the order of arrival, returned in batches.
private struct PieceBatch {
    private var waiting: [JudgeRequest] = []
    private(set) var byteCount = 0

    var isEmpty: Bool { waiting.isEmpty }
    var count: Int { waiting.count }

    mutating func append(_ request: JudgeRequest) {
        waiting.append(request)
        byteCount += request.data.byteCount
    }

    mutating func putBack(_ batch: [JudgeRequest]) {
        waiting = batch + waiting
        byteCount += batch.reduce(0) { $0 + $1.data.byteCount }
    }

    mutating func next() -> [JudgeRequest] {
        var batch: [JudgeRequest] = []
        var batchBytes = 0
        for request in waiting.prefix(JudgeQueue.batchCount) {
            guard batch.isEmpty || batchBytes + request.data.byteCount <= JudgeQueue.batchByteCount else { break }
            batch.append(request)
            batchBytes += request.data.byteCount
        }
        waiting.removeFirst(batch.count)
        byteCount -= batchBytes
        return batch
    }
}
