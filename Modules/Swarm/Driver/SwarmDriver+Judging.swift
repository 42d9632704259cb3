// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// From a complete piece to its verdict and to the disk: hashed by one job, stored by another.
extension SwarmDriver {
    func judge(_ piece: PieceIndex, wantsDigests: Bool) {
        guard let data = buffers?.data(of: piece) else { return }
        let now = Instant.now
        judging.append(JudgeRequest(piece: piece, wantsDigests: wantsDigests, data: data), at: now)
        submitHashing(at: now)
    }

    private func submitHashing(at now: Instant) {
        guard let disk else { return }
        // No more than half of a large pool: batches grow rather than wait side by side, and reading for others goes on.
        let jobLimit = max(1, environment.runtime.blocking.threadCount / 2)
        while case let batch = judging.nextToHash(jobLimit: jobLimit, at: now), !batch.isEmpty {
            submit {
                disk.verdicts(on: batch)
            } then: { [self] in
                handleHashed(batch, $0)
            }
        }
        awaitGathering(from: now)
    }

    /// Looks again when what waits has waited long enough.
    private func awaitGathering(from now: Instant) {
        guard let end = judging.gathersUntil, end > now, !isGatheringAwaited else { return }
        isGatheringAwaited = true
        loop.scheduleTask(in: TimeAmount(end - now)) { [self] in
            isGatheringAwaited = false
            submitHashing(at: .now)
        }
    }

    private func handleHashed(_ batch: [JudgeRequest], _ result: Result<[PieceVerdict], any Error>) {
        switch result {
        case .success(let verdicts): judging.handleHashed(zip(batch, verdicts).map(HashedPiece.init))
        case .failure(let error):
            judging.handleHashed([])
            handleRefused(batch.map(\.piece), error)
        }
        submitStoring()
        submitHashing(at: .now)
        drain()
    }

    private func submitStoring() {
        guard let disk, case let batch = judging.nextToStore(), !batch.isEmpty else { return }
        submit {
            disk.keep(batch)
        } then: { [self] in
            judging.handleStored()
            handleStored(batch, $0)
            submitStoring()
            drain()
        }
    }

    private func handleStored(_ batch: [HashedPiece], _ result: Result<[JudgedPiece], any Error>) {
        switch result {
        case .success(let judged):
            for piece in judged {
                if case .stored = piece.outcome { storedSinceCheckpoint += 1 }
                core.handleOutcome(piece.outcome, of: piece.piece, at: .now, into: &effects)
                if let failure = piece.failure { fail(failure) }
            }
        case .failure(let error): handleRefused(batch.map(\.request.piece), error)
        }
    }

    /// The pool did not take them.
    private func handleRefused(_ pieces: [PieceIndex], _ error: any Error) {
        for piece in pieces { core.handleOutcome(.notStored, of: piece, at: .now, into: &effects) }
        fail(error)
    }
}
