// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// A failing disk, retried as `DiskHealth` decides.
extension SwarmDriver {
    /// Handles failed work on the disk.
    func handleDiskFailure(of work: DiskHealth.Work, _ error: any Error) {
        // Dropped pieces cannot be read, and need not be.
        if case .read(let piece) = work, piece.int < trimmedCount { return handleDiskSuccess(of: work) }
        guard let failure = diskError(error) else { return }
        logger.debug("\(failure); asked again")
        health.handleFailure(of: work, failure, at: now)
        handleHealthChange()
    }

    func handleDiskSuccess(of work: DiskHealth.Work) {
        guard !health.isWell else { return }
        health.handleSuccess(of: work)
        handleHealthChange()
    }

    /// Forgets all doubts, because everything has been examined or closed.
    func resetHealth() {
        health.reset()
        handleHealthChange()
    }

    /// Reports lasting trouble to the torrent, and schedules the next attempt.
    private func handleHealthChange() {
        let trouble = health.trouble(at: now)
        if trouble != reportedTrouble {
            reportedTrouble = trouble
            report(.trouble(trouble))
        }
        guard let due = health.nextAttemptAt, attemptAt.map({ due < $0 }) ?? true else { return }
        attemptAt = due
        loop.scheduleTask(deadline: NIODeadline(due)) { [self] in
            // Something else became due sooner, and this was done then.
            guard attemptAt == due else { return }
            attemptAt = nil
            for work in health.nextAttempts(at: now) { attempt(work) }
            handleHealthChange()
        }
    }

    private func attempt(_ work: DiskHealth.Work) {
        switch work {
        case .store: storeAgain()
        case .flush: flush()
        case .finish: finishFiles()
        case .read(let piece): examine(piece)
        }
    }

    // MARK: - Flushing

    /// Makes stored pieces survive a power cut.
    func checkpoint() {
        guard storedSinceCheckpoint > 0 || disk?.hasNotices == true, !isCheckpointing else { return }
        flush()
    }

    private func flush() {
        guard let disk, !isCheckpointing else { return }
        isCheckpointing = true
        let count = storedSinceCheckpoint
        storedSinceCheckpoint = 0
        submit {
            disk.checkpoint()
        } then: { [self] result in
            isCheckpointing = false
            var failure: (any Error)?
            switch result {
            case .success(let settled):
                handleNotices(of: settled)
                failure = settled.failure
            case .failure(let error): failure = error
            }
            if let failure {
                storedSinceCheckpoint += count
                handleDiskFailure(of: .flush, failure)
            } else {
                handleDiskSuccess(of: .flush)
            }
            drain()
        }
    }

    // MARK: - Files

    /// Handles files that were finished or checked: lost pieces are downloaded again.
    func handleSettled(_ settled: SettledFiles) {
        handleNotices(of: settled)
        if let failure = settled.failure { handleDiskFailure(of: .finish, failure) }
    }

    private func handleNotices(of settled: SettledFiles) {
        for notice in settled.notices { logger.warning("\(notice.words)") }
        for piece in settled.lost { tell { $0.handleLost(piece, in: &$1) } }
        if !settled.lost.isEmpty { report(.lost) }
    }

    /// Tries again to rename complete files to their final names.
    private func finishFiles() {
        guard let disk else { return }
        submit {
            disk.settleFiles(onlyUnfinished: true)
        } then: { [self] result in
            switch result {
            case .success(let settled):
                handleSettled(settled)
                if settled.failure == nil {
                    handleDiskSuccess(of: .finish)
                    if core.isFinished { report(.completed) }
                }
            case .failure(let error): handleDiskFailure(of: .finish, error)
            }
            drain()
        }
    }

    // MARK: - Reading

    /// Handles unreadable blocks. Their pieces are checked soon, and not uploaded until then.
    func handleUnreadable(_ blocks: [BlockRequest], _ error: any Error) {
        for piece in Set(blocks.map(\.piece)).sorted() { handleDiskFailure(of: .read(piece), error) }
    }

    /// Reads a piece that could not be read, and compares it with its hashes.
    private func examine(_ piece: PieceIndex) {
        guard let disk else { return }
        submit {
            try disk.examine(piece)
        } then: { [self] result in
            switch result {
            case .success: handleDiskSuccess(of: .read(piece))
            case .failure(let error): handleDiskFailure(of: .read(piece), error)
            }
        }
    }

    /// Returns nil if nothing is wrong with the disk, because the session ends.
    private func diskError(_ error: any Error) -> StorageError? {
        let operation = "use the disk for"
        let name = disk?.name ?? ""
        switch error {
        case let error as StorageError: return error
        case let error as TransportError where error.code == .stopped: return nil
        case let error as TransportError where error.code == .limit:
            return StorageError(.busy, operation: operation, path: name, reason: "too much work waits already")
        default: return StorageError(.io, operation: operation, path: name, reason: "\(error)")
        }
    }
}
