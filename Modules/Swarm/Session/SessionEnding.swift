// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport

/// What a session needs to end, whether it is told to or dropped: nothing in it refers to the session.
struct SessionEnding: Sendable {
    let torrents: [Torrent]
    let listener: PeerListener?
    let datagrams: UDPPort
    let catalogue: SessionCatalogue?
    let dormantAnnouncer: DormantAnnouncer
    let environment: SwarmEnvironment
    let trackers: TrackerClient
    let feed: EventFeed<SessionEvent>
    let logger: Logger

    /// Stops every torrent, tells the trackers, flushes and closes everything.
    func run() async {
        let runtime = environment.runtime
        await listener?.close()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await dormantAnnouncer.stopAndWait() }
            for torrent in torrents {
                let reason = TorrentError(.sessionEnded, "the session was shut down")
                guard let life = await torrent.end(reason) else {
                    torrent.finishFeed()
                    continue
                }
                group.addTask { await life.shutdown() }
            }
        }
        if let catalogue {
            do { try await runtime.blocking.perform { try catalogue.close() } } catch { logger.error("\(error)") }
        }
        environment.dialer.close()
        await trackers.shutdown()
        await datagrams.close()
        await environment.webSeeds.shutdown()
        await runtime.shutdown()
        feed.finish()
    }
}
