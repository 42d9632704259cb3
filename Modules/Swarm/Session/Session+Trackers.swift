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

    /// Keeps a running torrent announced; nil where it has no tracker.
    func makeAnnouncer(for life: isolated TorrentLifecycle) -> TorrentAnnouncer? {
        let tiers = life.trackers
        guard !tiers.isEmpty else { return nil }
        let driver = life.driver
        let carried = life.carried
        let subject = AnnounceSubject(
            hashes: life.origin.hashes.wireHashes,
            peerID: peerID,
            port: port,
            isCompleteAtStart: life.isWhole,
            key: life.announceKey,
            stats: { await driver.announceStats(after: carried) }
        )
        return TorrentAnnouncer(
            client: trackers,
            subject: subject,
            tiers: tiers,
            resting: life.resting,
            untold: life.torrent?.entry.untoldCompletion ?? [],
            logger: driver.logger
        ) { found in
            driver.loop.execute { driver.handleFound(found, from: .tracker) }
        }
    }

    /// What trackers are told of a dormant torrent; nil where it is dormant no longer.
    func announceSubject(ofTorrent number: Int) -> AnnounceSubject? {
        guard let torrent = torrent(numbered: number) else { return nil }
        let (carried, key) = torrent.state.withLock { ($0.carried, $0.announceKey) }
        return AnnounceSubject(
            hashes: torrent.hashes.wireHashes,
            peerID: peerID,
            port: port,
            isCompleteAtStart: true,
            key: key,
            stats: {
                AnnounceStats(uploaded: carried.uploadedBytes, downloaded: carried.downloadedBytes, left: 0)
            }
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

extension SwarmDriver {
    /// What trackers are told. From any thread.
    fileprivate func announceStats(after carried: CarriedTotals) async -> AnnounceStats {
        let facts = loop.submit { [self] in
            (totals: totals, info: core.content?.info, have: core.content?.picker.have, isFinished: core.isFinished)
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
