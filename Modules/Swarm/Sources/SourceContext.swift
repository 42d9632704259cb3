// SPDX-License-Identifier: Apache-2.0

public import RucheTrackers
public import RucheWire

/// The torrent that joins a source of peers, as it stands then.
public struct SourceContext: Sendable {
    /// The torrent's info-hashes.
    public let hashes: InfoHashes
    /// Our peer id in this session.
    public let peerID: PeerID
    /// The port on which the session takes connections, TCP and UDP; 0 where it takes none.
    public let listenPort: UInt16
    /// Whether the torrent is private (BEP 27); nil while its metadata is not known.
    public let isPrivate: Bool?
    /// Whether every piece is here.
    public let isComplete: Bool
    /// Whether the torrent is dormant. Sources that outlive dormancy are joined by dormant seeds too.
    public let isDormant: Bool
    /// Bytes up, down and missing at the moment of the call.
    public let stats: @Sendable () async -> AnnounceStats
}
