// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheWire

/// The session's own sources of peers, and what sources are told about torrents.
extension Session {
    /// Whether dormant seeds stay members of any source.
    var hasLastingSources: Bool { sources.contains(where: \.traits.outlivesDormancy) }

    /// Adds a torrent to the session's sources that it has not joined and may join.
    func joinSources(_ context: SourceContext, _ joined: inout JoinedSources, on driver: SwarmDriver?) {
        for (index, source) in sources.enumerated() where source.mayServe(context) {
            if context.isDormant, !source.traits.outlivesDormancy { continue }
            joined.join(source, as: .session(index), context, on: driver)
        }
    }

    /// A torrent that starts to run.
    func makeSourceContext(for life: isolated TorrentLifecycle) -> SourceContext {
        let (driver, carried) = (life.driver, life.carried)
        return SourceContext(
            hashes: life.origin.hashes,
            peerID: peerID,
            listenPort: port,
            isPrivate: life.metainfo?.info.isPrivate,
            isComplete: life.isWhole,
            isDormant: false,
            stats: { await driver.announceStats(after: carried) }
        )
    }

    /// A dormant seed.
    func makeSourceContext(_ state: borrowing Torrent.State) -> SourceContext {
        let carried = state.carried
        return SourceContext(
            hashes: state.entry.hashes,
            peerID: peerID,
            listenPort: port,
            isPrivate: !state.entry.flags.contains(.public),
            isComplete: true,
            isDormant: true,
            stats: {
                AnnounceStats(uploaded: carried.uploadedBytes, downloaded: carried.downloadedBytes, left: 0)
            }
        )
    }
}

extension SwarmDriver {
    /// Returns what is announced to trackers. May be called on any thread.
    fileprivate func announceStats(after carried: CarriedTotals) async -> AnnounceStats {
        let facts = loop.submit { [self] in
            (
                totals: totals, info: core.content?.torrent?.info, have: core.content?.picker.have,
                isFinished: core.isFinished
            )
        }
        guard let facts = try? await facts.get() else { return AnnounceStats(uploaded: 0, downloaded: 0, left: 1) }
        var stats = AnnounceStats(
            uploaded: carried.uploadedBytes + facts.totals.uploadedBytes,
            downloaded: carried.downloadedBytes + facts.totals.downloadedBytes,
            left: 1
        )
        if let info = facts.info, let have = facts.have {
            let (done, total) = WantedBytes.count(info, wanted: { _ in true }, have: have)
            stats.left = total - done
            stats.isPartialSeed = facts.isFinished && stats.left > 0
        }
        return stats
    }
}
