// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// A .torrent file: the info dictionary, and what surrounds it (BEP 3, 12, 19, 52).
public struct Metainfo: Sendable {
    /// What the info-hash covers.
    public var info: TorrentInfo
    /// Announce URLs by tier, best first (BEP 12).
    public var trackers: [[String]]
    /// HTTP(S) seeds (BEP 19).
    public var webSeeds: [String]
    /// DHT nodes to start from, as host and port (BEP 5).
    public var nodes: [NodeAddress]
    /// For each file of more than one piece, its piece layer by the file's root (BEP 52). Checked against the roots.
    public var pieceLayers: [SHA256Digest: [SHA256Digest]]
    /// Free text.
    public var comment: String?
    /// The program that made the file.
    public var createdBy: String?
    /// Seconds since 1970.
    public var creationDateSeconds: Int64?

    /// A DHT node by name or address, and port.
    public struct NodeAddress: Hashable, Sendable {
        /// Host name or address, as written.
        public var host: String
        /// UDP port.
        public var port: UInt16

        /// A node by its parts.
        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }
    }

    /// An info dictionary with its surroundings.
    public init(
        info: TorrentInfo,
        trackers: [[String]] = [],
        webSeeds: [String] = [],
        nodes: [NodeAddress] = [],
        pieceLayers: [SHA256Digest: [SHA256Digest]] = [:],
        comment: String? = nil,
        createdBy: String? = nil,
        creationDateSeconds: Int64? = nil
    ) {
        self.info = info
        self.trackers = trackers
        self.webSeeds = webSeeds
        self.nodes = nodes
        self.pieceLayers = pieceLayers
        self.comment = comment
        self.createdBy = createdBy
        self.creationDateSeconds = creationDateSeconds
    }
}

/// A torrent's names: v1, v2 or, for a hybrid, both. At least one is there.
public struct InfoHashes: Hashable, Sendable {
    /// SHA-1 of the info dictionary (BEP 3).
    public let v1: SHA1Digest?
    /// SHA-256 of the info dictionary (BEP 52).
    public let v2: SHA256Digest?

    /// Nil where both are.
    public init?(v1: SHA1Digest?, v2: SHA256Digest?) {
        guard v1 != nil || v2 != nil else { return nil }
        self.v1 = v1
        self.v2 = v2
    }

    /// What handshakes and announces carry: v1, and v2 cut to 20 bytes.
    public var wireHashes: [SHA1Digest] { [v1, v2?.truncated].compactMap(\.self) }
}

/// An info dictionary, checked: every path stays below the download folder.
///
/// Made by `MetainfoParser` or `MetainfoBuilder` only, never field by field, so that its hashes are those of its bytes.
public struct TorrentInfo: Sendable {
    /// The bencoded dictionary, byte for byte.
    public let bytes: [UInt8]
    /// Hashes of `bytes`.
    public let hashes: InfoHashes
    /// Sanitised: the file of a single-file torrent, else the folder above all files.
    public let name: String
    /// Whether there is one file, at `name` itself.
    public let isSingleFile: Bool
    /// The cut into pieces.
    public let geometry: PieceGeometry
    /// All files in the order of the piece space, padding included; together they cover it without a gap.
    public let files: [FileEntry]
    /// v1 piece hashes, 20 bytes each, as they stand; empty for v2 only.
    public let pieceHashes: PieceHashes
    /// Peers from trackers only (BEP 27).
    public let isPrivate: Bool
    /// By file: the path as the bytes spell it, where that is another.
    let metainfoPaths: [Int: MetainfoPath]

    package init(
        bytes: [UInt8],
        hashes: InfoHashes,
        name: String,
        isSingleFile: Bool,
        geometry: PieceGeometry,
        files: [FileEntry],
        pieceHashes: PieceHashes,
        isPrivate: Bool
    ) {
        self.init(
            bytes: bytes,
            hashes: hashes,
            name: name,
            isSingleFile: isSingleFile,
            geometry: geometry,
            files: files,
            pieceHashes: pieceHashes,
            isPrivate: isPrivate,
            metainfoPaths: [:]
        )
    }

    init(
        bytes: [UInt8],
        hashes: InfoHashes,
        name: String,
        isSingleFile: Bool,
        geometry: PieceGeometry,
        files: [FileEntry],
        pieceHashes: PieceHashes,
        isPrivate: Bool,
        metainfoPaths: [Int: MetainfoPath]
    ) {
        self.bytes = bytes
        self.hashes = hashes
        self.name = name
        self.isSingleFile = isSingleFile
        self.geometry = geometry
        self.files = files
        self.pieceHashes = pieceHashes
        self.isPrivate = isPrivate
        self.metainfoPaths = metainfoPaths
    }

    /// Bytes of all files, padding not counted.
    public var totalSize: Int { files.reduce(0) { $0 + ($1.isPadding ? 0 : $1.size) } }
}

/// v1 piece hashes in one stretch of bytes: 20 a piece.
public struct PieceHashes: Hashable, Sendable {
    /// The concatenated digests.
    public let bytes: [UInt8]

    /// Nil unless whole digests.
    public init?(bytes: [UInt8]) {
        guard bytes.count.isMultiple(of: SHA1Digest.byteCount) else { return nil }
        self.bytes = bytes
    }

    /// No hash.
    public init() { bytes = [] }

    /// Digests held.
    public var count: Int { bytes.count / SHA1Digest.byteCount }

    /// The digest of `piece`; nil beyond the end.
    public subscript(piece: PieceIndex) -> SHA1Digest? {
        guard piece.int < count else { return nil }
        let start = piece.int * SHA1Digest.byteCount
        return SHA1Digest(bytes[start..<start + SHA1Digest.byteCount])
    }
}
