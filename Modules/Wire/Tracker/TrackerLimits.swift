// SPDX-License-Identifier: Apache-2.0

/// The limits on what is accepted from a tracker's response.
package struct TrackerMessageLimits: Hashable, Sendable {
    /// The maximum size in bytes of an HTTP tracker's response, after decompression.
    package var responseByteCount = 2 * 1024 * 1024
    /// The maximum number of peers taken from a response; the rest are ignored.
    package var peerCount = 2000
    /// The maximum number of peers with host names taken from a response. Each costs a lookup.
    package var namedPeerCount = 16
    /// The maximum length in bytes of a message for humans; the rest is cut off.
    package var textByteCount = 512
    /// The maximum length in bytes of a tracker id, which every announce repeats. A longer one is discarded.
    package var trackerIDByteCount = 256
    /// The maximum number of torrents per scrape. About 74 fit into a UDP datagram (BEP 15).
    package var scrapeCount = 74
    /// The maximum interval between announces in seconds. A longer one is reduced to this.
    package var intervalSeconds = 7 * 24 * 3600

    /// Creates limits with the values above.
    package init() {}
}
