// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import Synchronization

/// Torrents that have to be opened once to see what is on the disk: a few at a time, however many were added.
///
/// Owner: the session. If one is needed meanwhile it is opened at once, and its turn here is then short.
final class OpeningQueue: Sendable {
    private let limit: Int
    private let state = Mutex(State())

    private struct State {
        var waiting: Deque<Torrent> = []
        var workerCount = 0
        var isClosed = false
    }

    init(limit: Int) { self.limit = max(1, limit) }

    func enqueue(_ torrent: Torrent) {
        let needsWorker = state.withLock { state in
            guard !state.isClosed else { return false }
            state.waiting.append(torrent)
            guard state.workerCount < limit else { return false }
            state.workerCount += 1
            return true
        }
        if needsWorker { Task { await work() } }
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
