// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import RucheWire

/// Torrents that must be opened once, to see what is on the disk: a few at a time, however many were added.
///
/// Owner: the session. A torrent that is needed meanwhile is opened at once; its turn here is over quickly then.
final class OpeningQueue: Sendable {
    private let limit: Int
    private let spawn: @Sendable (@escaping @Sendable () async -> Void) -> Void
    private let state = Locked(State())

    private struct State {
        var waiting: Deque<Torrent> = []
        var workerCount = 0
        var isClosed = false
    }

    /// `spawn` starts a task.
    init(limit: Int, spawn: @escaping @Sendable (@escaping @Sendable () async -> Void) -> Void) {
        self.limit = max(1, limit)
        self.spawn = spawn
    }

    func enqueue(_ torrent: Torrent) {
        let needsWorker = state.withLock { state in
            guard !state.isClosed else { return false }
            state.waiting.append(torrent)
            guard state.workerCount < limit else { return false }
            state.workerCount += 1
            return true
        }
        if needsWorker { spawn { await self.work() } }
    }

    func close() {
        state.withLock { state in
            state.isClosed = true
            state.waiting = []
        }
    }

    private func work() async {
        while let torrent = next() { await torrent.openInTurn() }
    }

    private func next() -> Torrent? {
        state.withLock { state in
            let torrent = state.waiting.popFirst()
            if torrent == nil { state.workerCount -= 1 }
            return torrent
        }
    }
}
