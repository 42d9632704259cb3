// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// Complete pieces on their way to a verdict and to the disk.
///
/// What completes while the pool is busy goes there together: several pieces hashed side by side take far less time than
/// one after the other, and the journal notes them at once.
struct JudgeQueue {
    /// Pieces in one job.
    static let batchCount = 8

    private var waiting: [JudgeRequest] = []
    private var jobCount = 0

    mutating func append(_ request: JudgeRequest) { waiting.append(request) }

    /// What goes to the pool now; empty where nothing waits, or `jobLimit` jobs are under way.
    mutating func nextBatch(jobLimit: Int) -> [JudgeRequest] {
        guard jobCount < jobLimit, !waiting.isEmpty else { return [] }
        let batch = Array(waiting.prefix(Self.batchCount))
        waiting.removeFirst(batch.count)
        jobCount += 1
        return batch
    }

    mutating func handleFinished() { jobCount -= 1 }
}

/// A complete piece, to be judged.
struct JudgeRequest {
    let piece: PieceIndex
    /// Whether digests of its blocks are wanted although it is right.
    let wantsDigests: Bool
    let data: PieceData
}

extension SwarmDriver {
    func judge(_ piece: PieceIndex, wantsDigests: Bool) {
        guard let data = buffers?.data(of: piece) else { return }
        judging.append(JudgeRequest(piece: piece, wantsDigests: wantsDigests, data: data))
        submitJudging()
    }

    private func submitJudging() {
        guard let disk else { return }
        // At least two, so that one batch is hashed while another is written; but no more than half of a large pool:
        // batches grow rather than wait side by side, and reading for others goes on meanwhile.
        let jobLimit = max(2, environment.runtime.blocking.threadCount / 2)
        while case let batch = judging.nextBatch(jobLimit: jobLimit), !batch.isEmpty {
            submit {
                disk.judge(batch)
            } then: { [self] in
                judging.handleFinished()
                handleJudged(batch, $0)
                submitJudging()
                drain()
            }
        }
    }

    private func handleJudged(_ batch: [JudgeRequest], _ result: Result<[JudgedPiece], any Error>) {
        switch result {
        case .success(let judged):
            for piece in judged {
                if case .stored = piece.outcome { storedSinceCheckpoint += 1 }
                core.handleOutcome(piece.outcome, of: piece.piece, at: .now, into: &effects)
                if let failure = piece.failure { fail(failure) }
            }
        case .failure(let error):
            // The pool did not take it.
            for request in batch { core.handleOutcome(.notStored, of: request.piece, at: .now, into: &effects) }
            fail(error)
        }
    }
}
