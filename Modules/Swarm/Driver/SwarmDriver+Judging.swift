// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// The way of a complete piece to its verdict and to the disk: hashed by one job, stored by another.
extension SwarmDriver {
    func judge(_ piece: PieceIndex, wantsDigests: Bool) {
        guard let data = buffers?.data(of: piece) else { return }
        judge(JudgeRequest(piece: piece, wantsDigests: wantsDigests, data: data))
    }

    func judge(_ request: JudgeRequest) {
        let now = now
        judging.append(request, at: now)
        submitHashing(at: now)
    }

    private func submitHashing(at now: Instant) {
        guard let disk else { return }
        // At most half of a large pool: batches grow instead of waiting beside each other, and reads for peers go on.
        let jobLimit = max(1, environment.runtime.blocking.threadCount / 2)
        // A refused job comes back at once.
        while !isRoomAwaited, case let batch = judging.nextToHash(jobLimit: jobLimit, at: now), !batch.isEmpty {
            submit {
                disk.verdicts(on: batch)
            } then: { [self] in
                handleHashed(batch, $0)
            }
        }
        awaitGathering(after: now)
    }

    /// Joins and hashes metadata on the pool, because it is long for many files.
    func judgeMetadata(_ parts: [[UInt8]], of candidate: Int) {
        let hashes = core.identity.hashes
        submit {
            MetadataCheck.bytes(of: parts, matching: hashes)
        } then: { [self] result in
            switch result {
            case .success(let bytes):
                tell { $0.handleMetadataVerdict(bytes, on: candidate, in: &$1) }
                drain()
            case .failure:
                // The pool is full, which passes.
                loop.scheduleTask(in: TimeAmount(SwarmTiming.budget)) { [self] in
                    judgeMetadata(parts, of: candidate)
                }
            }
        }
    }

    /// Schedules hashing when waiting pieces have waited long enough.
    private func awaitGathering(after start: Instant) {
        guard let end = judging.gathersUntil, end > start, !isGatheringAwaited else { return }
        isGatheringAwaited = true
        loop.scheduleTask(deadline: NIODeadline(end)) { [self] in
            isGatheringAwaited = false
            submitHashing(at: now)
        }
    }

    private func handleHashed(_ batch: [JudgeRequest], _ result: Result<[PieceVerdict], any Error>) {
        switch result {
        case .success(let verdicts): judging.handleHashed(zip(batch, verdicts).map(HashedPiece.init))
        case .failure:
            // The pool is full, which passes.
            judging.handleRefused(batch)
            return awaitRoom()
        }
        submitStoring()
        submitHashing(at: now)
        drain()
    }

    /// Schedules another attempt for what the pool had no room for.
    private func awaitRoom() {
        guard !isRoomAwaited else { return }
        isRoomAwaited = true
        loop.scheduleTask(in: TimeAmount(SwarmTiming.budget)) { [self] in
            isRoomAwaited = false
            submitHashing(at: now)
        }
    }

    private func submitStoring() {
        guard let disk, case let batch = judging.nextToStore(), !batch.isEmpty else { return }
        submit {
            disk.keep(batch)
        } then: { [self] in
            handleStored(batch, $0)
            submitStoring()
            drain()
        }
    }

    /// Handles stored pieces. Those that could not be stored stay in memory, where they count as open: thus nothing is
    /// downloaded twice, and what waits for the disk stays within the receive budget.
    private func handleStored(_ batch: [HashedPiece], _ result: Result<KeptPieces, any Error>) {
        var unstored: [HashedPiece] = []
        var failure: (any Error)?
        switch result {
        case .success(let kept):
            // First, so that a piece that is lost again is never the last one.
            handleSettled(kept.settled)
            for (hashed, piece) in zip(batch, kept.judged) {
                // Lost pieces are downloaded again.
                if let error = piece.failure, error.code != .lost {
                    unstored.append(hashed)
                    failure = error
                    continue
                }
                if case .stored = piece.outcome { storedSinceCheckpoint += 1 }
                tell { $0.handleOutcome(piece.outcome, of: piece.piece, in: &$1) }
            }
        case .failure(let error):
            unstored = batch
            failure = error
        }
        judging.handleStored(unstored: unstored)
        if let failure {
            handleDiskFailure(of: .store, failure)
            if !core.connections.hasStarted { abandonUnstored() }
        } else if judging.unstoredCount == 0 {
            handleDiskSuccess(of: .store)
        }
    }

    /// Tries again to store all pieces that could not be stored.
    func storeAgain() {
        judging.retryUnstored()
        submitStoring()
    }

    /// Gives up pieces that could not be stored, because the torrent stops: they are downloaded again later.
    func abandonUnstored() {
        for piece in judging.abandonUnstored() {
            tell { $0.handleOutcome(.notStored, of: piece, in: &$1) }
        }
        handleDiskSuccess(of: .store)
        drain()
    }
}
