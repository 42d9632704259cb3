// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// What a torrent tells its trackers about itself.
public struct AnnounceSubject: Sendable {
    /// The info-hashes to announce, each of them by itself: v1's, v2's cut to 20 bytes (BEP 52), or both for a hybrid.
    public var hashes: [SHA1Digest]
    /// Who announces.
    public var peerID: PeerID
    /// TCP and uTP port that we listen on.
    public var port: UInt16
    /// Nothing was left to download when the torrent started: it never announces `completed` (BEP 3).
    public var isCompleteAtStart: Bool
    /// Random, one for a torrent in a session, whatever address it announces from (BEP 7).
    public var key: UInt32
    /// The counts at the moment of an announce.
    public var stats: @Sendable () async -> AnnounceStats

    /// A subject from its parts.
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
    /// Bytes of the whole torrent that are missing, wanted or not, padding aside; anything above zero before the metadata
    /// is known.
    public var left: Int
    /// Nothing more is wanted though something is missing (BEP 21).
    public var isPartialSeed = false

    /// Counts in bytes.
    public init(uploaded: Int, downloaded: Int, left: Int) {
        self.uploaded = uploaded
        self.downloaded = downloaded
        self.left = left
    }
}
