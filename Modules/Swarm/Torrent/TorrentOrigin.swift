// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheStorage
internal import RucheWire

/// How a torrent came into the session: with its metadata, without, or out of the catalogue.
struct TorrentOrigin: Sendable {
    let hashes: InfoHashes
    /// Nil for a magnet, and where it has to be read from its saved copy.
    let metainfo: Metainfo?
    /// Its metainfo is in the state folder.
    let isSaved: Bool
    let name: String
    let trackers: [[String]]
    /// URLs that a magnet names (BEP 19); a torrent file's are in its metainfo.
    let webSeeds: [String]
    /// The link it came by.
    let magnet: String?
    /// Peers that a magnet names.
    let peers: [NamedEndpoint]
    /// Files that a magnet selects (BEP 53).
    let selectedFiles: [ClosedRange<Int>]?

    init(_ metainfo: Metainfo) {
        hashes = metainfo.info.hashes
        self.metainfo = metainfo
        isSaved = false
        name = metainfo.info.name
        trackers = metainfo.trackers
        webSeeds = []
        magnet = nil
        peers = []
        selectedFiles = nil
    }

    init(_ magnet: MagnetLink) {
        hashes = magnet.hashes
        metainfo = nil
        isSaved = false
        name = magnet.displayName ?? magnet.hashes.wireHashes[0].description
        // A magnet has no tiers: each of its trackers is one.
        trackers = magnet.trackers.map { [$0] }
        webSeeds = magnet.webSeeds
        self.magnet = magnet.description
        peers = magnet.peers
        selectedFiles = magnet.selectedFiles
    }

    init(_ entry: CatalogueEntry) {
        let link = entry.magnet.flatMap { try? MagnetLink(parsing: $0) }
        hashes = entry.hashes
        metainfo = nil
        isSaved = link == nil
        name = entry.name
        trackers = entry.trackers
        magnet = entry.magnet
        webSeeds = link?.webSeeds ?? []
        peers = link?.peers ?? []
        selectedFiles = link?.selectedFiles
    }
}
