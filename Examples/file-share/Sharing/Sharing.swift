// SPDX-License-Identifier: Apache-2.0

import RucheStorage
import RucheSwarm

/// Runs one session and shows its progress.
enum Sharing {
    /// Opens a session, does `work` in it, which is cancelled when the user interrupts, and always shuts it down:
    /// stored data is flushed, and the trackers are told.
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

    /// Shuts the session down. Trackers that do not answer delay this for some seconds; a message says so after one.
    private static func leave(_ session: Session, on view: any ShareView) async {
        let notice = Notice { view.handle(.leaving) }
        await session.shutdown()
        notice.cancel()
    }
}

extension Torrent {
    /// Shows the torrent's status in `session` until `isDone`; returns false if the task is cancelled first. Throws
    /// errors that end the torrent, and those that prevent it from being opened; later obstacles are shown until they
    /// are gone.
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
    /// Whether incoming peers are accepted; they are refused during a check of the files.
    fileprivate var takesPeers: Bool {
        switch self {
        case .fetchingMetadata, .downloading, .seeding: true
        case .checking, .queued, .paused, .suspended, .failed: false
        }
    }
}
