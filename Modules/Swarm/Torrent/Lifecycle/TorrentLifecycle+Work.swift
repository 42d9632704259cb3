// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// A caller's work on the content, until it has been begun or refused.
struct LifecycleCall: Sendable {
    /// Returns how much of the content is here, if the work has found that out.
    let body: @Sendable (isolated TorrentLifecycle) async throws -> ContentHolding?
    let continuation: CheckedContinuation<Void, any Error>
}

/// What the user wants, and work on the content, one piece after the other.
extension TorrentLifecycle {
    func setPaused(_ paused: Bool) async {
        handle(paused ? .paused : .resumed(isFinished: driver.core.isFinished))
        await noting?.value
    }

    func setOrder(_ order: FetchOrder) async {
        driver.withCore { $0.setOrder(order, in: &$1) }
        remember { setFlag(.inOrder, order.isInOrder, in: &$0) }
        await noting?.value
    }

    /// Wants files more or less from now on.
    ///
    /// - Throws: `TorrentError` if the content is not open, or a file cannot be made or moved.
    func setPriorities(_ priorities: [Int: FetchPriority]) async throws {
        try await doInTurn(LifecycleWork.change) { try await $0.changePriorities(priorities) }
    }

    /// Verifies everything. A check that runs already may have passed what has changed since, so this one begins after it.
    ///
    /// - Throws: `TorrentError` if the content is not open, or the disk fails.
    func recheck() async throws {
        try await doInTurn(LifecycleWork.check) { try await $0.checkEverything() }
    }

    /// Moves the files to another folder.
    ///
    /// - Throws: `TorrentError` if the content is not open, or the files cannot be moved.
    func move(to folder: String) async throws {
        try await doInTurn(LifecycleWork.change) { try await $0.moveContent(to: folder) }
    }

    /// Does `body` once all work that was asked for before is done, and what it has changed is noted.
    private func doInTurn(
        _ kind: (LifecycleTicket) -> LifecycleWork,
        _ body: @escaping @Sendable (isolated TorrentLifecycle) async throws -> ContentHolding?
    ) async throws {
        let ticket = makeTicket()
        let work = kind(ticket)
        do {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    calls[ticket] = LifecycleCall(body: body, continuation: continuation)
                    handle(.asked(work))
                }
            } onCancel: {
                onLoop { $0.handle(.withdrawn(work)) }
            }
        } catch {
            throw error is CancellationError && !core.isClosed ? error : TorrentError(error)
        }
        await noting?.value
    }

    func refuse(_ work: LifecycleWork, _ error: TorrentError?) {
        guard let call = call(for: work) else { return }
        let refusal: any Error = if let error { error } else { CancellationError() }
        call.continuation.resume(throwing: refusal)
    }

    /// Does the work that has its turn.
    func carryOut(_ work: LifecycleWork) async {
        switch work {
        case .change, .check:
            guard let call = call(for: work) else { return handle(.ended(work, holding: nil)) }
            do {
                let holding = try await call.body(self)
                handle(.ended(work, holding: holding))
                call.continuation.resume()
            } catch {
                handle(.ended(work, holding: nil))
                call.continuation.resume(throwing: error)
            }
        case .checkAfterTrouble: await handle(.ended(work, holding: try? checkEverything()))
        case .completion: await handle(.ended(work, holding: complete()))
        }
    }

    private func call(for work: LifecycleWork) -> LifecycleCall? {
        switch work {
        case .change(let ticket), .check(let ticket): calls.removeValue(forKey: ticket)
        case .checkAfterTrouble, .completion: nil
        }
    }

    // MARK: - The work

    private func changePriorities(_ priorities: [Int: FetchPriority]) async throws -> ContentHolding? {
        guard var content else { throw core.notOpen }
        let pieces = try await content.setPriorities(priorities)
        guard !core.isClosed else { throw core.notOpen }
        self.content = content
        driver.withCore { $0.setPriorities(pieces, in: &$1) }
        return driver.core.holding
    }

    private func checkEverything() async throws -> ContentHolding? {
        guard let content else { throw core.notOpen }
        // What is still being stored would be read half written.
        try await wait(for: driver.stopAndWait())
        let found = try await content.recheck { [weak self] share in
            self?.onLoop { $0.handle(.progress(share)) }
        }
        driver.handleRechecked(found)
        return driver.core.holding
    }

    private func moveContent(to folder: String) async throws -> ContentHolding? {
        guard let content else { throw core.notOpen }
        try await content.move(to: folder)
        remember { $0.folder = folder }
        return nil
    }

    /// Gives the files of a complete torrent their names. Returns nil if some of it is gone after all, or a file cannot have its
    /// name.
    private func complete() async -> ContentHolding? {
        guard core.holding == .part, let content else { return driver.core.holding }
        do {
            let settled = try await content.settleFiles()
            guard !core.isClosed else { return nil }
            // The driver has reported it before, perhaps, and does so once.
            if let failure = settled.failure, failure.code.isFinal { handle(.failed(TorrentError(failure))) }
            driver.handleSettled(settled)
            driver.drain()
            return driver.core.isFinished && settled.failure == nil ? driver.core.holding : nil
        } catch {
            logger.error("\(error)")
            return nil
        }
    }
}
