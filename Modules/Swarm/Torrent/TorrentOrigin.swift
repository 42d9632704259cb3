// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheStorage
internal import RucheWire

/// How a torrent was added to the session: with its metadata, without, or from the catalogue.
struct TorrentOrigin: Sendable {
    let hashes: InfoHashes
    /// Nil for a magnet link, and if it has to be read from its saved copy.
    let metainfo: Metainfo?
    /// Its metainfo is in the state folder.
    let isSaved: Bool
    let name: String
    let trackers: [[String]]
    /// URLs in a magnet link (BEP 19); a torrent file's are in its metainfo.
    let webSeeds: [String]
    /// The magnet link that it was added by.
    let magnet: String?
    /// Peers in a magnet link.
    let peers: [NamedEndpoint]
    /// Files that a magnet link selects (BEP 53).
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
        // A magnet link has no tiers: each of its trackers is one.
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
