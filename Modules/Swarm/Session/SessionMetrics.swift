// SPDX-License-Identifier: Apache-2.0

internal import Metrics
internal import RucheWire

/// What a session reports to swift-metrics, for all torrents together.
///
/// | name | kind | unit |
/// | --- | --- | --- |
/// | `ruche.downloaded`, `ruche.uploaded`, `ruche.wasted` | counter | bytes of blocks |
/// | `ruche.peers` | gauge, dimensions `torrent`, `hash` | connected peers; see `TorrentGauges` |
/// | `ruche.pieces` | gauge, dimensions `torrent`, `hash` | verified pieces |
struct SessionMetrics: Sendable {
    private let downloaded = Counter(label: "ruche.downloaded")
    private let uploaded = Counter(label: "ruche.uploaded")
    private let wasted = Counter(label: "ruche.wasted")

    /// Counts what has changed for one torrent since the last call.
    func record(_ new: TorrentStatus, after old: TorrentStatus) {
        downloaded.increment(by: Int64(max(0, new.downloadedBytes - old.downloadedBytes)))
        uploaded.increment(by: Int64(max(0, new.uploadedBytes - old.uploadedBytes)))
        wasted.increment(by: Int64(max(0, new.wastedBytes - old.wastedBytes)))
    }
}
