// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// A magnet link: a torrent by its info-hashes, with hints where to find peers (BEP 9, BEP 53).
///
/// `MagnetLink(parsing:)` reads one, `description` writes one.
public struct MagnetLink: Hashable, Sendable {
    /// The torrent.
    public var hashes: InfoHashes
    /// What to call it until its metadata is here (`dn`). A stranger's words: for the eye only.
    public var displayName: String?
    /// Announce URLs, in order (`tr`).
    public var trackers: [String]
    /// HTTP seeds (`ws`).
    public var webSeeds: [String]
    /// Peers to try first (`x.pe`).
    public var peers: [Peer]
    /// Places of the files to download (`so`); nil for all. Ascending, apart from one another.
    public var selectedFiles: [ClosedRange<Int>]?

    /// A peer by host and port: hosts may be names.
    public struct Peer: Hashable, Sendable, CustomStringConvertible {
        /// A host's name, or an address without brackets.
        public var host: String
        /// The port, not 0.
        public var port: UInt16

        /// A peer by its parts.
        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }

        /// The address, where `host` is one rather than a name.
        public var endpoint: PeerEndpoint? { IPAddress(host).map { PeerEndpoint(address: $0, port: port) } }

        /// `host:port`, an IPv6 address in brackets.
        public var description: String {
            host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }

    /// A link by its parts.
    public init(
        hashes: InfoHashes,
        displayName: String? = nil,
        trackers: [String] = [],
        webSeeds: [String] = [],
        peers: [Peer] = [],
        selectedFiles: [ClosedRange<Int>]? = nil
    ) {
        self.hashes = hashes
        self.displayName = displayName
        self.trackers = trackers
        self.webSeeds = webSeeds
        self.peers = peers
        self.selectedFiles = selectedFiles
    }

    /// The link to a torrent that is at hand.
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
    /// The link as text, hashes in hexadecimal.
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

    /// SHA-256, 32 bytes, as the multihash table has it.
    static let sha256Multihash = "1220"
}
