// SPDX-License-Identifier: Apache-2.0

internal import Metrics
internal import RucheStorage
internal import RucheWire

/// What swift-metrics shows of one torrent while it is active.
///
/// Owner: its lifecycle, which ends it: a metric that is not destroyed stays for ever.
final class TorrentGauges: Sendable {
    let name: String
    private let peers: Gauge
    private let pieces: Gauge

    init(name: String, hashes: InfoHashes) {
        self.name = name
        // Two torrents may have the same name.
        let hash = hashes.wireHashes.first.map { "\($0)" } ?? ""
        let dimensions = [("torrent", name), ("hash", hash)]
        peers = Gauge(label: "ruche.peers", dimensions: dimensions)
        pieces = Gauge(label: "ruche.pieces", dimensions: dimensions)
    }

    func record(_ status: TorrentStatus) {
        peers.record(status.peers.count)
        if let count = status.pieces?.setCount { pieces.record(count) }
    }

    func end() {
        peers.destroy()
        pieces.destroy()
    }
}
