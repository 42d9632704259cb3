// SPDX-License-Identifier: Apache-2.0

/// A tracker's response to an announce over HTTP (BEP 3, 7, 23, 24) or UDP (BEP 15).
public struct AnnounceResponse: Hashable, Sendable {
    /// The interval assumed if a response has none, in seconds.
    public static let defaultIntervalSeconds = 30 * 60

    /// Seconds until the next regular announce.
    public var intervalSeconds: Int
    /// Seconds that must pass before any further announce (HTTP only).
    public var minimumIntervalSeconds: Int?
    /// Endpoints of peers, in the tracker's order.
    public var peers: [PeerEndpoint]
    /// Peers given by host name instead of address (BEP 3; HTTP only).
    public var namedPeers: [NamedPeer] = []
    /// The number of seeds.
    public var seedCount: Int?
    /// The number of leechers.
    public var leecherCount: Int?
    /// How many times the torrent has been completed (HTTP only).
    public var downloadCount: Int?
    /// Our address as the tracker sees it (BEP 24; HTTP only).
    public var externalAddress: IPAddress?
    /// A message for the user, although the announce succeeded (HTTP only).
    public var warning: String?
    /// An id to send with the next announce (HTTP only).
    public var trackerID: [UInt8]?

    /// Creates a response with peers. Set the other properties afterwards.
    public init(intervalSeconds: Int = defaultIntervalSeconds, peers: [PeerEndpoint] = []) {
        self.intervalSeconds = intervalSeconds
        self.peers = peers
    }
}

/// A peer given by host name.
public struct NamedPeer: Hashable, Sendable {
    /// The host name.
    public var host: String
    /// Its TCP port, not 0.
    public var port: UInt16

    /// Creates a named peer.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }
}
