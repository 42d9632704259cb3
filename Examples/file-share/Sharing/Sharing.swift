// SPDX-License-Identifier: Apache-2.0

import RucheSwarm

/// One session, on show.
enum Sharing {
    /// Opens a session, does `work` in it, cancelled when the user interrupts it, and always shuts it down: what is
    /// stored is flushed, and the trackers are told.
    static func run<R: Sendable>(
        _ configuration: SessionConfiguration,
        on view: any ShareView,
        _ work: @escaping @Sendable (Session) async throws -> R
    ) async throws -> R {
        let session = try await Session(configuration)
        do {
            let result = try await Interruption.cancelling { try await work(session) }
            await leave(session, on: view)
            return result
        } catch {
            await leave(session, on: view)
            throw error
        }
    }

    /// Trackers that do not answer hold it up for some seconds: says so after one.
    private static func leave(_ session: Session, on view: any ShareView) async {
        let notice = Task {
            try await Task.sleep(for: .seconds(1))
            view.handle(.leaving)
        }
        await session.shutdown()
        notice.cancel()
    }
}

extension Torrent {
    /// Shows how it stands in `session` until `isDone`; false where the task is cancelled before. Throws what the torrent
    /// fails of.
    @discardableResult
    func show(in session: Session, on view: any ShareView, until isDone: (TorrentStatus) -> Bool) async throws -> Bool {
        var news = TrackerNews()
        for await status in status {
            for tracker in news.next(await trackers) { view.handle(.tracker(tracker)) }
            if status.state.takesPeers { view.handle(.listening(port: session.port)) }
            if let metainfo { view.handle(.metadata(metainfo)) }
            view.handle(.status(status))
            if case .failed(let error) = status.state { throw error }
            if isDone(status) { return true }
        }
        return false
    }
}

extension TorrentState {
    /// Whether peers that come are not sent away: while the disk is being checked, they are.
    fileprivate var takesPeers: Bool {
        switch self {
        case .fetchingMetadata, .downloading, .seeding: true
        case .checking, .queued, .paused, .failed: false
        }
    }
}
