// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheTrackers
internal import RucheWire
internal import Synchronization

/// A tracker's message to some of a session's torrents.
public struct TrackerNotice: Sendable {
    /// The announce URL.
    public let url: String
    /// The message, or why the tracker cannot be used, as a sentence for users; nil if it works again for all.
    public let words: String?
    /// The number of torrents with this message so far.
    public let torrentCount: Int
    /// A few of those torrents.
    public let examples: [Torrent]
}

extension Session {
    /// Returns the messages from trackers since the last call, for active and dormant torrents.
    ///
    /// However many torrents get the same message from a tracker, that is one notice, and another one only when their
    /// number has doubled: there are few of these, even with a hundred thousand torrents. For the trackers of one
    /// torrent, see `Torrent.trackers`.
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

    /// Returns a torrent's trackers as a source of peers; nil if it has none.
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

    /// Returns what is announced for a dormant torrent; nil if it is no longer dormant.
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

    /// Handles peers that a tracker named for a dormant seed: it wakes and dials them if some of them may want
    /// something.
    func handleFound(_ response: AnnounceResponse, ofTorrent number: Int) {
        guard response.leecherCount != 0, let torrent = torrent(numbered: number), mayWake(torrent) else { return }
        let peers = response.peers
        torrent.act { life in
            // Kept until they are dialled.
            try? await life.driver.loop.submit { life.driver.handleFound(peers, from: .tracker) }.get()
        }
    }
}
