// SPDX-License-Identifier: Apache-2.0

import RucheStorage
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
        let notice = Notice { view.handle(.leaving) }
        await session.shutdown()
        notice.cancel()
    }
}

extension Torrent {
    /// Shows how it stands in `session` until `isDone`; false where the task is cancelled before. Throws what ends the torrent,
    /// and what keeps it from being opened in the first place; what stands in its way later is shown, until it goes on.
    @discardableResult
    func show(in session: Session, on view: any ShareView, until isDone: (TorrentStatus) -> Bool) async throws -> Bool {
        var news = TrackerNews()
        var hasOpened = false
        var trouble: TorrentError?
        for await status in status {
            for tracker in news.next(await trackers) { view.handle(.tracker(tracker)) }
            if status.state.takesPeers { view.handle(.listening(port: session.port)) }
            if let metainfo = await metainfo { view.handle(.metadata(metainfo)) }
            view.handle(.status(status))
            switch status.state {
            case .failed(let error): throw error
            case .suspended(let error):
                guard hasOpened || error.storage?.code == .tooManyOpenFiles else { throw error }
                if trouble != error { view.handle(.trouble(error)) }
                trouble = error
            default:
                hasOpened = hasOpened || status.pieces != nil
                if trouble != nil { view.handle(.recovered) }
                trouble = nil
            }
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
        case .checking, .queued, .paused, .suspended, .failed: false
        }
    }
}
