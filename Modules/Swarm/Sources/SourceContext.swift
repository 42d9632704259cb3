// SPDX-License-Identifier: Apache-2.0

public import RucheTrackers
public import RucheWire

/// The torrent that joins a source of peers, in its current state.
public struct SourceContext: Sendable {
    /// The torrent's info-hashes.
    public let hashes: InfoHashes
    /// Our peer id in this session.
    public let peerID: PeerID
    /// The TCP and UDP port on which the session accepts connections; 0 if it accepts none.
    public let listenPort: UInt16
    /// Whether the torrent is private (BEP 27); nil while its metadata is unknown.
    public let isPrivate: Bool?
    /// Whether the torrent has every piece.
    public let isComplete: Bool
    /// Whether the torrent is dormant. Dormant seeds also join the sources that outlive dormancy.
    public let isDormant: Bool
    /// Returns the current numbers of bytes uploaded, downloaded and missing.
    public let stats: @Sendable () async -> AnnounceStats

    package init(
        hashes: InfoHashes,
        peerID: PeerID,
        listenPort: UInt16,
        isPrivate: Bool?,
        isComplete: Bool,
        isDormant: Bool,
        stats: @escaping @Sendable () async -> AnnounceStats
    ) {
        self.hashes = hashes
        self.peerID = peerID
        self.listenPort = listenPort
        self.isPrivate = isPrivate
        self.isComplete = isComplete
        self.isDormant = isDormant
        self.stats = stats
    }
}
