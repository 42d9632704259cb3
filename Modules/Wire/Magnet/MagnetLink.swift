// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// A magnet link: the info-hashes of a torrent, with hints where to find peers (BEP 9, BEP 53).
///
/// `MagnetLink(parsing:)` parses one, `description` encodes one.
public struct MagnetLink: Hashable, Sendable {
    /// The torrent's info-hashes.
    public var hashes: InfoHashes
    /// The name to display until the metadata is known (`dn`). Untrusted: for display only.
    public var displayName: String?
    /// Announce URLs, in order (`tr`).
    public var trackers: [String]
    /// Web seeds over HTTP (`ws`).
    public var webSeeds: [String]
    /// Peers to try first (`x.pe`).
    public var peers: [NamedEndpoint]
    /// The indices of the files to download (`so`), as disjoint ranges in ascending order; nil for all.
    public var selectedFiles: [ClosedRange<Int>]?

    /// Only `hashes` are required; the rest are hints.
    public init(
        hashes: InfoHashes,
        displayName: String? = nil,
        trackers: [String] = [],
        webSeeds: [String] = [],
        peers: [NamedEndpoint] = [],
        selectedFiles: [ClosedRange<Int>]? = nil
    ) {
        self.hashes = hashes
        self.displayName = displayName
        self.trackers = trackers
        self.webSeeds = webSeeds
        self.peers = peers
        self.selectedFiles = selectedFiles
    }

    /// Creates the link of a torrent whose metainfo is known.
    public init(_ metainfo: Metainfo) {
        self.init(
            hashes: metainfo.info.hashes,
            displayName: metainfo.info.name,
            trackers: metainfo.trackers.flatMap(\.self),
            webSeeds: metainfo.webSeeds
        )
    }
}

extension MagnetLink: CustomStringConvertible {
    /// The link as text, with hashes in hexadecimal.
    public var description: String {
        var parameters: [String] = []
        if let v1 = hashes.v1 { parameters.append("xt=urn:btih:\(v1)") }
        if let v2 = hashes.v2 { parameters.append("xt=urn:btmh:\(Self.sha256Multihash)\(v2)") }
        if let displayName { parameters.append("dn=\(PercentEncoding.encode(displayName.utf8))") }
        parameters += trackers.map { "tr=\(PercentEncoding.encode($0.utf8))" }
        parameters += webSeeds.map { "ws=\(PercentEncoding.encode($0.utf8))" }
        parameters += peers.map { "x.pe=\($0)" }
        if let selectedFiles {
            let ranges = selectedFiles.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            parameters.append("so=\(ranges.joined(separator: ","))")
        }
        return "magnet:?" + parameters.joined(separator: "&")
    }

    /// The multihash prefix of SHA-256 with 32 bytes.
    static let sha256Multihash = "1220"
}
