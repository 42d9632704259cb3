// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport

/// Everything that a session needs to end, whether it is shut down or released: it does not refer to the session.
struct SessionEnding: Sendable {
    let services: TorrentServices
    let torrents: [Torrent]
    let contents: [ContentSwarm]
    let sockets: SessionSockets
    let reach: SessionReach
    let extensions: [any SessionExtension]

    /// Stops every torrent, notifies the trackers, flushes and closes everything.
    func run() async {
        let environment = services.environment
        let dormancy = services.dormancy
        await sockets.stopListening()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                let untold = await dormancy.announcer.stopAndWait()
                guard !untold.isEmpty else { return }
                for torrent in torrents {
                    if let trackers = untold[torrent.number] { await note(untold: trackers, of: torrent) }
                }
            }
            group.addTask { await reach.close() }
            for content in contents { group.addTask { await content.leave() } }
            group.addTask {
                await JoinedSources(dormancy.sources.takeAll()).leaveAndWait()
            }
            for torrent in torrents {
                let reason = TorrentError(.sessionEnded, "the session was shut down")
                guard let life = await torrent.end(reason) else {
                    torrent.finishFeed()
                    continue
                }
                group.addTask {
                    let untold = await life.shutdown()
                    torrent.finishFeed()
                    if let untold, life.record.options.canBeRemembered { await note(untold: untold, of: torrent) }
                }
            }
        }
        // A caller that is still on a loop would wait for ever once the loop has stopped.
        for torrent in torrents { await torrent.waitForCalls() }
        await services.notebook?.close()
        environment.dialer.close()
        await services.trackers.shutdown()
        await sockets.datagrams.close()
        await environment.webSeeds.shutdown()
        await environment.runtime.shutdown()
        for addition in extensions { addition.finish() }
        services.events.finish()
    }

    /// Completions that trackers missed are announced by the next session.
    private func note(untold: [String], of torrent: Torrent) async {
        var entry = torrent.entry
        entry.untoldCompletion = untold
        guard torrent.setEntry(entry) else { return }
        await services.notebook?.note { [entry] in entry }
    }
}
