// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// How a torrent came into the session: with its metadata or without.
struct TorrentOrigin: Sendable {
    let hashes: InfoHashes
    /// Nil for a magnet.
    let metainfo: Metainfo?
    let name: String
    let trackers: [[String]]
    /// Peers that a magnet names.
    let peers: [MagnetLink.Peer]
    /// Files that a magnet selects (BEP 53).
    let selectedFiles: [ClosedRange<Int>]?

    init(_ metainfo: Metainfo) {
        hashes = metainfo.info.hashes
        self.metainfo = metainfo
        name = metainfo.info.name
        trackers = metainfo.trackers
        peers = []
        selectedFiles = nil
    }

    init(_ magnet: MagnetLink) {
        hashes = magnet.hashes
        metainfo = nil
        name = magnet.displayName ?? magnet.hashes.wireHashes[0].description
        // A magnet has no tiers: each of its trackers is one.
        trackers = magnet.trackers.map { [$0] }
        peers = magnet.peers
        selectedFiles = magnet.selectedFiles
    }
}
