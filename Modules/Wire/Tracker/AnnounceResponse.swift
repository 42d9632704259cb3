// SPDX-License-Identifier: Apache-2.0

/// What a tracker answers to an announce, whether by HTTP (BEP 3, 7, 23, 24) or UDP (BEP 15).
public struct AnnounceResponse: Hashable, Sendable {
    /// Taken where a tracker names no interval; seconds.
    public static let defaultIntervalSeconds = 30 * 60

    /// Seconds until the next announce, unless something happens.
    public var intervalSeconds: Int
    /// Seconds to let pass before any next announce (HTTP only).
    public var minimumIntervalSeconds: Int?
    /// Peers, in the tracker's order.
    public var peers: [PeerEndpoint]
    /// Peers named by host instead of address (BEP 3; HTTP only).
    public var namedPeers: [NamedPeer] = []
    /// Peers that are complete.
    public var seedCount: Int?
    /// Peers that are not.
    public var leecherCount: Int?
    /// How often the torrent was completed (HTTP only).
    public var downloadCount: Int?
    /// Our address as the tracker sees it (BEP 24; HTTP only).
    public var externalAddress: IPAddress?
    /// A message for the user; the announce succeeded (HTTP only).
    public var warning: String?
    /// To be sent with the next announce (HTTP only).
    public var trackerID: [UInt8]?

    /// A response with peers; the rest may be set after.
    public init(intervalSeconds: Int = defaultIntervalSeconds, peers: [PeerEndpoint] = []) {
        self.intervalSeconds = intervalSeconds
        self.peers = peers
    }
}

/// A peer that is known by its host's name.
public struct NamedPeer: Hashable, Sendable {
    /// The host's name.
    public var host: String
    /// Its TCP port, not 0.
    public var port: UInt16

    /// A peer at a host.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }
}
