// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheTrackers
internal import RucheWire
internal import Synchronization

extension Session {
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
            isCompleteAtStart: life.isComplete,
            key: life.announceKey,
            stats: { await driver.announceStats(after: carried) }
        )
        return TorrentAnnouncer(
            client: trackers,
            subject: subject,
            tiers: tiers,
            resting: life.resting,
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
        let stats = loop.submit { [self] in
            AnnounceStats(
                uploaded: carried.uploadedBytes + core.upload.totalByteCount,
                downloaded: carried.downloadedBytes + core.download.totalByteCount,
                left: core.content.map { $0.picker.missingPieceCount * $0.geometry.pieceLength } ?? 1
            )
        }
        return (try? await stats.get()) ?? AnnounceStats(uploaded: 0, downloaded: 0, left: 1)
    }
}
