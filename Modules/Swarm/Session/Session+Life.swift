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

    /// Stops every torrent, tells the trackers, flushes and closes everything. Later calls wait for the first. A session that is
    /// dropped does the same a little later.
    public func shutdown() async {
        let task = ending.withLock { ending in
            let task = ending ?? Task { [rest = beginEnding()] in await rest.run() }
            ending = task
            return task
        }
        await task.value
    }

    /// Refuses new work, and returns the work that is left, which no longer needs the session.
    func beginEnding() -> SessionEnding {
        openings.close()
        services.recovery.close()
        return SessionEnding(
            services: services,
            torrents: table.close(),
            contents: table.contents.withLock { $0.close() },
            sockets: sockets,
            reach: reach,
            extensions: services.extensions.withLock { $0.close() }
        )
    }
}
