// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// What a torrent tells its trackers about itself.
public struct AnnounceSubject: Sendable {
    /// The info-hashes, each announced separately: v1, v2 truncated to 20 bytes (BEP 52), or both for a hybrid.
    public var hashes: [SHA1Digest]
    /// The peer id to announce.
    public var peerID: PeerID
    /// The TCP and uTP port on which we listen.
    public var port: UInt16
    /// Whether nothing was left to download when the torrent started. It then never announces `completed` (BEP 3).
    public var isCompleteAtStart: Bool
    /// A random number per torrent and session, independent of the address from which we announce (BEP 7).
    public var key: UInt32
    /// Returns the counts at the time of an announce.
    public var stats: @Sendable () async -> AnnounceStats

    /// `hashes` are truncated to 20 bytes for v2, `key` must stay the same during a session.
    public init(
        hashes: [SHA1Digest],
        peerID: PeerID,
        port: UInt16,
        isCompleteAtStart: Bool,
        key: UInt32,
        stats: @escaping @Sendable () async -> AnnounceStats
    ) {
        self.hashes = hashes
        self.peerID = peerID
        self.port = port
        self.isCompleteAtStart = isCompleteAtStart
        self.key = key
        self.stats = stats
    }
}

/// What was transferred since the torrent started.
public struct AnnounceStats: Hashable, Sendable {
    /// Bytes of payload sent.
    public var uploaded: Int
    /// Bytes of payload received.
    public var downloaded: Int
    /// Missing bytes of the whole torrent, wanted or not, without padding; any positive number before the metadata is
    /// known.
    public var left: Int
    /// Whether nothing more is wanted although something is missing (BEP 21).
    public var isPartialSeed = false

    /// All counts are in bytes.
    public init(uploaded: Int, downloaded: Int, left: Int) {
        self.uploaded = uploaded
        self.downloaded = downloaded
        self.left = left
    }
}
