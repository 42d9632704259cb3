// SPDX-License-Identifier: Apache-2.0

/// A tracker's response to an announce over HTTP (BEP 3, 7, 23, 24) or UDP (BEP 15).
package struct AnnounceResponse: Hashable, Sendable {
    /// The interval assumed if a response has none, in seconds.
    package static let defaultIntervalSeconds = 30 * 60

    /// Seconds until the next regular announce.
    package var intervalSeconds: Int
    /// Seconds that must pass before any further announce (HTTP only).
    package var minimumIntervalSeconds: Int?
    /// Endpoints of peers, in the tracker's order.
    package var peers: [PeerEndpoint]
    /// Peers given by host name instead of address (BEP 3; HTTP only).
    package var namedPeers: [NamedEndpoint] = []
    /// The number of seeds.
    package var seedCount: Int?
    /// The number of leechers.
    package var leecherCount: Int?
    /// How many times the torrent has been completed (HTTP only).
    package var downloadCount: Int?
    /// Our address as the tracker sees it (BEP 24; HTTP only).
    package var externalAddress: IPAddress?
    /// A message for the user, although the announce succeeded (HTTP only).
    package var warning: String?
    /// An id to send with the next announce (HTTP only).
    package var trackerID: [UInt8]?

    /// Creates a response with peers. Set the other properties afterwards.
    package init(intervalSeconds: Int = defaultIntervalSeconds, peers: [PeerEndpoint] = []) {
        self.intervalSeconds = intervalSeconds
        self.peers = peers
    }
}
