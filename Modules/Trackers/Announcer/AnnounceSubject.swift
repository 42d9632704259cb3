// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheWire

/// What a torrent tells its trackers about itself.
package struct AnnounceSubject: Sendable {
    /// The info-hashes, each announced separately: v1, v2 truncated to 20 bytes (BEP 52), or both for a hybrid.
    package var hashes: [SHA1Digest]
    /// The peer id to announce.
    package var peerID: PeerID
    /// The TCP and uTP port on which we listen.
    package var port: UInt16
    /// Whether nothing was left to download when the torrent started. It then never announces `completed` (BEP 3).
    package var isCompleteAtStart: Bool
    /// A random number per torrent and session, independent of the address from which we announce (BEP 7).
    package var key: UInt32
    /// Returns the counts at the time of an announce.
    package var stats: @Sendable () async -> AnnounceStats

    /// `hashes` are truncated to 20 bytes for v2, `key` must stay the same during a session.
    package init(
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
    package init(uploaded: Int, downloaded: Int, left: Int) {
        self.uploaded = uploaded
        self.downloaded = downloaded
        self.left = left
    }
}
