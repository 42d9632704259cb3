// SPDX-License-Identifier: Apache-2.0

import Foundation
import RucheCrypto
import RucheDHT
import RucheStorage
import RucheSwarm
import RucheWire

/// From a publication to files on the disk.
extension Follower {
    /// Shares the installed version until another is found.
    func share(_ metainfo: Metainfo) async throws {
        try await session.add(metainfo, options: options)
        view.handle(.listening(port: session.port))
    }

    /// Downloads a version over the installed one. Cancelling the task leaves it started, to be continued later.
    func install(_ publication: Publication) async throws {
        let wasPending = record.isPending
        let before = try await InstalledFiles(record.installed, in: session.configuration.downloads)
        if let changed = before.changed.first, !wasPending, !overwrites {
            throw CommandFailure(
                "\(changed) was changed here, and the update would lose that: move it away, or use --overwrite"
            )
        }
        try record.begin(publication)
        for torrent in session.torrents { try await session.remove(torrent) }
        let start = ContinuousClock.now
        let torrent = try await fetch(publication, over: before, overwriting: overwrites || wasPending)
        guard let metainfo = await torrent.metainfo else { throw CancellationError() }
        view.handle(.finished(torrent.currentStatus, seconds: (.now - start) / .seconds(1)))
        try record.finish(publication, metainfo)
        before.removeLeftovers(of: metainfo.info)
    }

    /// Downloads the version. It may overwrite what the previous version has written, but no other files.
    private func fetch(
        _ publication: Publication,
        over before: InstalledFiles,
        overwriting: Bool
    ) async throws -> Torrent {
        var options = options
        options.overwritesFiles = overwriting
        let torrent = try await session.add(magnet: "magnet:?xt=urn:btih:\(publication.infoHash)", options: options)
        do {
            try await complete(torrent)
            return torrent
        } catch let error as TorrentError where error.storage?.code == .occupied {
            let metainfo = await torrent.metainfo
            guard let metainfo, before.owns(everyFileOf: metainfo.info) else {
                throw CommandFailure("\(ErrorWords(error).line) Use --overwrite to replace existing files.")
            }
            try await session.remove(torrent)
            options.overwritesFiles = true
            let again = try await session.add(metainfo, options: options)
            try await complete(again)
            return again
        }
    }

    private func complete(_ torrent: Torrent) async throws {
        guard try await torrent.show(in: session, on: view, until: { $0.state == .seeding }) else {
            throw CancellationError()
        }
    }
}
