// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheTrackers
internal import RucheWire

extension Session {
    /// Keeps a running torrent announced; nil where it has no tracker.
    func makeAnnouncer(
        for origin: TorrentOrigin,
        extra: [String],
        isComplete: Bool,
        driver: SwarmDriver
    ) -> TorrentAnnouncer? {
        let tiers = origin.trackers + (extra.isEmpty ? [] : [extra])
        guard !tiers.isEmpty else { return nil }
        let subject = AnnounceSubject(
            hashes: origin.hashes.wireHashes,
            peerID: peerID,
            port: port,
            isCompleteAtStart: isComplete,
            key: .random(in: 0...(.max)),
            stats: { await driver.announceStats() }
        )
        return TorrentAnnouncer(client: trackers, subject: subject, tiers: tiers, logger: driver.logger) { found in
            driver.loop.execute { driver.handleFound(found, from: .tracker) }
        }
    }
}

extension SwarmDriver {
    /// What trackers are told. From any thread.
    fileprivate func announceStats() async -> AnnounceStats {
        let stats = loop.submit { [self] in
            AnnounceStats(
                uploaded: core.upload.totalByteCount,
                downloaded: core.download.totalByteCount,
                left: core.content.map { $0.picker.missingPieceCount * $0.geometry.pieceLength } ?? 1
            )
        }
        return (try? await stats.get()) ?? AnnounceStats(uploaded: 0, downloaded: 0, left: 1)
    }
}
