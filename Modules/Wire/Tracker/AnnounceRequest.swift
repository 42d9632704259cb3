// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// What a client tells a tracker about itself, whether by HTTP (BEP 3) or UDP (BEP 15).
public struct AnnounceRequest: Hashable, Sendable {
    /// The torrent: a v1 info-hash, or a v2 one cut to 20 bytes (BEP 52).
    public var infoHash: SHA1Digest
    /// Who announces.
    public var peerID: PeerID
    /// TCP and uTP port that we listen on.
    public var port: UInt16
    /// Bytes of payload sent since the `started` event.
    public var uploadedByteCount: Int
    /// Bytes of payload received since the `started` event.
    public var downloadedByteCount: Int
    /// Bytes still to download; before the metadata is known, anything above zero.
    public var leftByteCount: Int
    /// What happened.
    public var event: Event
    /// Peers wanted; nil leaves it to the tracker.
    public var wantedPeerCount: Int?
    /// Random, the same for all announces of a torrent in a session, over IPv4 and IPv6 alike (BEP 7).
    public var key: UInt32
    /// An address to be listed under instead of the one that the request comes from; most trackers ignore it.
    public var address: IPAddress?
    /// As the tracker's last answer had it (HTTP only).
    public var trackerID: [UInt8]?
    /// We accept encrypted connections (HTTP only).
    public var supportsEncryption: Bool

    /// Why an announce is made.
    public enum Event: UInt32, Hashable, Sendable {
        /// Time has passed. The raw values are those of BEP 15.
        case none = 0
        /// The download has just become complete.
        case completed = 1
        /// The first announce of a session.
        case started = 2
        /// We leave the swarm.
        case stopped = 3
        /// Time has passed, and we download nothing more though something is missing (BEP 21; UDP has no such event).
        case paused = 4

        /// The name in an HTTP announce; nil where the parameter is left out (BEP 3).
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

    /// An announce with nothing transferred and nothing special; the rest may be set after.
    public init(infoHash: SHA1Digest, peerID: PeerID, port: UInt16, leftByteCount: Int, event: Event, key: UInt32) {
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
