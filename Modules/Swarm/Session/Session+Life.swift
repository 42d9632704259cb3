// SPDX-License-Identifier: Apache-2.0

internal import ServiceLifecycle
internal import Synchronization

/// How a session runs and ends.
extension Session {
    /// Runs until the service group or the surrounding task ends it, then shuts down.
    ///
    /// - Throws: Nothing; `Service` demands the word.
    public func run() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        await withTaskCancellationOrGracefulShutdownHandler {
            for await _ in stream {}
        } onCancelOrGracefulShutdown: {
            continuation.finish()
        }
        await shutdown()
    }

    /// Stops every torrent, tells the trackers, flushes and closes everything. A session that is dropped without this does the
    /// same a little later.
    ///
    /// Once: later calls wait for the first.
    public func shutdown() async {
        let task = ending.withLock { ending in
            let task = ending ?? Task { [rest = beginEnding()] in await rest.run() }
            ending = task
            return task
        }
        await task.value
    }

    /// Takes no more work; what is left to do needs no session.
    func beginEnding() -> SessionEnding {
        openings.close()
        recovery.close()
        return SessionEnding(
            torrents: registry.withLock { $0.close() },
            contents: contents.withLock { $0.close() },
            sockets: sockets,
            reach: reach,
            catalogue: catalogue,
            dormantAnnouncer: dormantAnnouncer,
            dormantSources: dormantSources,
            environment: environment,
            trackers: trackers,
            feed: feed,
            extensions: extensions.withLock { $0.close() },
            logger: logger
        )
    }
}
