// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheTrackers
internal import RucheWire
internal import Synchronization

/// What one tracker says to some of a session's torrents.
public struct TrackerNotice: Sendable {
    /// The announce URL.
    public let url: String
    /// What it says, or why it cannot be used, in a sentence for a person; nil: it works again, for all.
    public let words: String?
    /// How many torrents it says this to, so far.
    public let torrentCount: Int
    /// A few of those.
    public let examples: [Torrent]
}

extension Session {
    /// What trackers have said since this was asked last, awake torrents and dormant ones together.
    ///
    /// However many torrents a tracker says the same to, that is one notice, and another one only when they have doubled:
    /// there are few of these, even with a hundred thousand torrents. For one torrent's trackers, see `Torrent.trackers`.
    public func nextTrackerNotices() -> [TrackerNotice] {
        trackers.nextReports().map { report in
            TrackerNotice(
                url: report.url,
                words: report.words,
                torrentCount: report.torrentCount,
                examples: registry.withLock { registry in report.examples.compactMap { registry.torrent(named: $0) } }
            )
        }
    }

    /// A torrent's trackers as a source of peers; nil where it has none.
    func makeTrackerSource(for life: isolated TorrentLifecycle) -> TrackerSource? {
        let tiers = life.trackers
        guard !tiers.isEmpty else { return nil }
        return TrackerSource(
            client: trackers,
            tiers: tiers,
            announceKey: life.announceKey,
            resting: life.restingSchedule,
            untold: life.torrent?.entry.untoldCompletion ?? [],
            logger: life.logger
        )
    }

    /// What trackers are told of a dormant torrent; nil where it is dormant no longer.
    func announceSubject(ofTorrent number: Int) -> AnnounceSubject? {
        guard let torrent = torrent(numbered: number) else { return nil }
        let (context, key) = torrent.state.withLock { (makeSourceContext($0), $0.announceKey) }
        return AnnounceSubject(
            hashes: context.hashes.wireHashes,
            peerID: peerID,
            port: port,
            isCompleteAtStart: true,
            key: key,
            stats: context.stats
        )
    }

    /// A tracker has named peers of a dormant seed: it wakes and dials them if some of them may want something.
    func handleFound(_ response: AnnounceResponse, ofTorrent number: Int) {
        guard response.leecherCount != 0, let torrent = torrent(numbered: number), mayWake(torrent) else { return }
        let peers = response.peers
        torrent.act { life in
            // Held until they are dialled.
            try? await life.driver.loop.submit { life.driver.handleFound(peers, from: .tracker) }.get()
        }
    }
}
