// SPDX-License-Identifier: Apache-2.0

/// What is taken from a tracker's answer at most.
public struct TrackerLimits: Hashable, Sendable {
    /// Bytes of an HTTP tracker's answer, unpacked.
    public var responseByteCount = 2 * 1024 * 1024
    /// Peers taken from one answer; the rest is passed over.
    public var peerCount = 2000
    /// Peers named by host that are taken from one answer: each costs a lookup.
    public var namedPeerCount = 16
    /// Bytes kept of a message for humans; the rest is cut off.
    public var textByteCount = 512
    /// Bytes of a tracker id, which is sent back with every announce; a longer one is not kept.
    public var trackerIDByteCount = 256
    /// Torrents in one scrape (BEP 15: about 74 fit a datagram).
    public var scrapeCount = 74
    /// Longest interval between announces that is believed; seconds.
    public var intervalSeconds = 7 * 24 * 3600

    /// The limits as they stand above.
    public init() {}
}
