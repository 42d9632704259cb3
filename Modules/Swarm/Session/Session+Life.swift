// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Running and ending a session.
extension Session {
    /// Runs until the service group or the surrounding task ends it, then shuts down.
    ///
    /// - Throws: Nothing; `Service` requires the keyword.
    public func run() async throws {
        await waitForServiceEnd()
        await shutdown()
    }

    /// Stops every torrent, notifies the trackers, flushes and closes everything. A session that is released without
    /// this does the same a little later.
    ///
    /// This happens once: later calls wait for the first.
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
