// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport

/// Everything that a session needs to end, whether it is shut down or released: it does not refer to the session.
struct SessionEnding: Sendable {
    let torrents: [Torrent]
    let contents: [ContentSwarm]
    let sockets: SessionSockets
    let reach: SessionReach
    let catalogue: SessionCatalogue?
    let dormantAnnouncer: DormantAnnouncer
    let dormantSources: DormantSources
    let environment: SwarmEnvironment
    let trackers: TrackerClient
    let feed: EventFeed<SessionEvent>
    let extensions: [any SessionExtension]
    let logger: Logger

    /// Stops every torrent, notifies the trackers, flushes and closes everything.
    func run() async {
        let runtime = environment.runtime
        await sockets.stopListening()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                let untold = await dormantAnnouncer.stopAndWait()
                guard !untold.isEmpty else { return }
                for torrent in torrents {
                    if let trackers = untold[torrent.number] { await note(untold: trackers, of: torrent) }
                }
            }
            group.addTask { await reach.close() }
            for content in contents { group.addTask { await content.leave() } }
            group.addTask {
                await JoinedSources(dormantSources.takeAll()).leaveAndWait()
            }
            for torrent in torrents {
                let reason = TorrentError(.sessionEnded, "the session was shut down")
                guard let life = await torrent.end(reason) else {
                    torrent.finishFeed()
                    continue
                }
                group.addTask {
                    let untold = await life.shutdown()
                    if let untold, life.options.canBeRemembered { await note(untold: untold, of: torrent) }
                }
            }
        }
        if let catalogue {
            do { try await runtime.blocking.perform { try catalogue.close() } } catch { logger.error("\(error)") }
        }
        environment.dialer.close()
        await trackers.shutdown()
        await sockets.datagrams.close()
        await environment.webSeeds.shutdown()
        await runtime.shutdown()
        for addition in extensions { addition.finish() }
        feed.finish()
    }

    /// Completions that trackers missed are announced by the next session.
    private func note(untold: [String], of torrent: Torrent) async {
        var entry = torrent.entry
        entry.untoldCompletion = untold
        guard let catalogue, torrent.setEntry(entry) else { return }
        do {
            try await environment.runtime.blocking.perform { [entry] in try catalogue.put(isNew: false) { entry } }
        } catch {
            logger.error("\(error)")
        }
    }
}
