// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// The content of a .torrent file: the info dictionary and the keys around it (BEP 3, 12, 19, 52).
public struct Metainfo: Sendable {
    /// The info dictionary, which the info-hash covers.
    public var info: TorrentInfo
    /// Announce URLs by tier, best first (BEP 12).
    public var trackers: [[String]]
    /// HTTP(S) web seeds (BEP 19).
    public var webSeeds: [String]
    /// DHT nodes to bootstrap from, by host and port (BEP 5).
    public var nodes: [NamedEndpoint]
    /// The piece layer of each file of more than one piece, by the file's root (BEP 52). Checked against the roots.
    package var pieceLayers: [SHA256Digest: [SHA256Digest]]
    /// A free-form comment.
    public var comment: String?
    /// The program that created the file.
    public var createdBy: String?
    /// The creation time in seconds since 1970.
    public var creationDateSeconds: Int64?

    /// Only `info` is required.
    package init(
        info: TorrentInfo,
        trackers: [[String]] = [],
        webSeeds: [String] = [],
        nodes: [NamedEndpoint] = [],
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

/// The info-hashes of a torrent: v1, v2, or both for a hybrid. At least one is present.
public struct InfoHashes: Hashable, Sendable {
    /// SHA-1 of the info dictionary (BEP 3).
    public let v1: SHA1Digest?
    /// SHA-256 of the info dictionary (BEP 52).
    public let v2: SHA256Digest?

    /// Returns nil if both are nil.
    public init?(v1: SHA1Digest?, v2: SHA256Digest?) {
        guard v1 != nil || v2 != nil else { return nil }
        self.v1 = v1
        self.v2 = v2
    }

    /// Creates hashes of a v1 info-hash alone, or of any digest by which the peers of a swarm find each other.
    public init(v1: SHA1Digest) {
        self.v1 = v1
        v2 = nil
    }

    /// The hashes in handshakes and announces: v1, and v2 truncated to 20 bytes.
    package var wireHashes: [SHA1Digest] { [v1, v2?.truncated].compactMap(\.self) }
}

/// A validated info dictionary: every path stays below the download folder.
///
/// It is parsed or built as a whole, never field by field, so its hashes match its bytes.
public struct TorrentInfo: Sendable {
    /// The bencoded dictionary, byte for byte.
    package let bytes: [UInt8]
    /// The hashes of `bytes`.
    public let hashes: InfoHashes
    /// The sanitised name: the file of a single-file torrent, otherwise the folder that contains all files.
    public let name: String
    /// Whether there is one file, located at `name` itself.
    public let isSingleFile: Bool
    /// How the content is split into pieces.
    public let geometry: PieceGeometry
    /// All files in the order of the piece space, including padding; together they cover it without gaps.
    public let files: [FileEntry]
    /// The v1 piece hashes of 20 bytes each; empty for v2 only.
    package let pieceHashes: PieceHashes
    /// Whether peers may come from trackers only (BEP 27).
    public let isPrivate: Bool
    /// The original path of each file whose path differs from it.
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

    /// Bytes of all files, without padding.
    public var totalSize: Int { files.reduce(0) { $0 + ($1.isPadding ? 0 : $1.size) } }
}

/// Concatenated v1 piece hashes, 20 bytes per piece.
package struct PieceHashes: Hashable, Sendable {
    /// The concatenated digests.
    package let bytes: [UInt8]

    /// Returns nil unless the length is a multiple of 20.
    package init?(bytes: [UInt8]) {
        guard bytes.count.isMultiple(of: SHA1Digest.byteCount) else { return nil }
        self.bytes = bytes
    }

    /// Creates an empty list.
    package init() { bytes = [] }

    /// The number of digests.
    package var count: Int { bytes.count / SHA1Digest.byteCount }

    /// Returns the digest of `piece`; nil after the end.
    package subscript(piece: PieceIndex) -> SHA1Digest? {
        guard piece.int < count else { return nil }
        let start = piece.int * SHA1Digest.byteCount
        return SHA1Digest(bytes[start..<start + SHA1Digest.byteCount])
    }
}
