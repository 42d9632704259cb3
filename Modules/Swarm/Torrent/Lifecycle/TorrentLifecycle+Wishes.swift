// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// The user's commands.
extension TorrentLifecycle {
    /// Does `work` after earlier commands: changes to the content are made one after the other.
    func inTurn(_ work: @escaping @Sendable (isolated TorrentLifecycle) async throws -> Void) async throws {
        guard !isClosed else { throw notOpen }
        let (number, task) = turns.append { [self] in try await work(self) }
        defer { turns.remove(number) }
        do {
            try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch {
            throw error is CancellationError && !isClosed ? error : TorrentError(error)
        }
    }

    func setPriorities(_ priorities: [Int: FetchPriority]) async throws {
        try await inTurn { try await $0.changePriorities(priorities) }
    }

    private func changePriorities(_ priorities: [Int: FetchPriority]) async throws {
        guard var content else { throw notOpen }
        let pieces = try await content.setPriorities(priorities)
        guard !isClosed else { throw notOpen }
        self.content = content
        isComplete = try await driver.loop.submit { [driver] in
            driver.withCore { $0.setPriorities(pieces, in: &$1) }
            return driver.core.isFinished
        }.get()
        announceState()
        await remember()
    }

    func setOrder(_ order: FetchOrder) async {
        driver.loop.execute { [driver] in driver.withCore { core, batch in core.setOrder(order, in: &batch) } }
        await remember { setFlag(.inOrder, order.isInOrder, in: &$0) }
    }

    /// A running check may have passed what has changed since, so this one starts after it.
    func recheck() async throws {
        await opening?.value
        try await inTurn { try await $0.checkEverything() }
    }

    private func checkEverything() async throws {
        guard let content else { throw notOpen }
        checkProgress = 0
        settle()
        defer {
            checkProgress = nil
            settle()
        }
        // Pieces that are still being stored would be read half written.
        try await stopDriver()
        let found = try await content.recheck { progress in Task { await self.noteRecheck(progress) } }
        (isComplete, isWhole) = try await driver.loop.submit { [driver] in
            driver.handleRechecked(found)
            return (driver.core.isFinished, driver.core.isSeed)
        }.get()
        await remember()
    }

    private func noteRecheck(_ progress: Double) {
        if let known = checkProgress { checkProgress = max(known, progress) }
    }

    func move(to folder: String) async throws {
        try await inTurn { try await $0.moveContent(to: folder) }
    }

    private func moveContent(to folder: String) async throws {
        guard let content else { throw notOpen }
        try await content.move(to: folder)
        await remember { $0.folder = folder }
    }

    /// Why the content cannot be used.
    var notOpen: TorrentError {
        failure ?? suspension?.error ?? TorrentError(.notReady, "the torrent is not open yet")
    }
}
