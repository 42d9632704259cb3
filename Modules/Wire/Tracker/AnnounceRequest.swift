// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto

/// What a client reports to a tracker over HTTP (BEP 3) or UDP (BEP 15).
package struct AnnounceRequest: Hashable, Sendable {
    /// The torrent's v1 info-hash, or its v2 info-hash truncated to 20 bytes (BEP 52).
    package var infoHash: SHA1Digest
    /// Our peer id.
    package var peerID: PeerID
    /// The port on which we accept TCP and uTP connections.
    package var port: UInt16
    /// Payload bytes sent since the `started` event.
    package var uploadedByteCount: Int
    /// Payload bytes received since the `started` event.
    package var downloadedByteCount: Int
    /// Bytes still to download. Before the metadata is known, any number above zero.
    package var leftByteCount: Int
    /// The reason for the announce.
    package var event: Event
    /// The number of peers to ask for; nil leaves it to the tracker.
    package var wantedPeerCount: Int?
    /// A random number, the same for all announces of a torrent in a session, so that a tracker can match those over
    /// IPv4 and IPv6 (BEP 7).
    package var key: UInt32
    /// The address to be listed under instead of the source of the request. Most trackers ignore it.
    package var address: IPAddress?
    /// The tracker id from the tracker's last response (HTTP only).
    package var trackerID: [UInt8]?
    /// Whether we accept encrypted connections (HTTP only).
    package var supportsEncryption: Bool

    /// The reason for an announce. The raw values are those of BEP 15.
    package enum Event: UInt32, Hashable, Sendable {
        /// A regular announce.
        case none = 0
        /// The download has just completed.
        case completed = 1
        /// The first announce of a session.
        case started = 2
        /// We are leaving the swarm.
        case stopped = 3
        /// A regular announce of a partial seed: something is missing, but we want nothing more (BEP 21; HTTP only).
        case paused = 4

        /// The value of the `event` parameter over HTTP; nil if the parameter is left out (BEP 3).
        var name: String? {
            switch self {
            case .none: nil
            case .completed: "completed"
            case .started: "started"
            case .stopped: "stopped"
            case .paused: "paused"
            }
        }
    }

    /// Creates an announce that reports no transfers, asks for the tracker's default number of peers, and supports
    /// encryption. Set the other properties afterwards.
    package init(infoHash: SHA1Digest, peerID: PeerID, port: UInt16, leftByteCount: Int, event: Event, key: UInt32) {
        self.infoHash = infoHash
        self.peerID = peerID
        self.port = port
        self.leftByteCount = leftByteCount
        self.event = event
        self.key = key
        uploadedByteCount = 0
        downloadedByteCount = 0
        wantedPeerCount = nil
        address = nil
        trackerID = nil
        supportsEncryption = true
    }
}
