// SPDX-License-Identifier: Apache-2.0

/// Limits on the messages of one extension, per connection. The engine enforces them on peers and on the extension.
///
/// A peer that sends a longer message is disconnected. Messages that exceed the rate are dropped, which counts as an
/// offence once a second, so after a few seconds the peer is disconnected as well. Two peers with the same limits stay
/// within them, even if the network delays their messages for a moment.
public struct ExtensionLimits: Hashable, Sendable {
    /// Maximum length of a message in either direction, in bytes; at most 65,536, which is the most that the engine
    /// reads.
    public var messageByteCount = 16 << 10
    /// Bytes that a peer may send per second on average. Each message counts as `messageOverheadByteCount` more.
    public var receivedBytesPerSecond = 64 << 10
    /// Bytes that a peer may send at once.
    public var receivedBurstByteCount = 512 << 10
    /// Bytes that are sent to a peer per second on average, counted in the same way. The rest waits.
    public var sentBytesPerSecond = 64 << 10
    /// Bytes that may be queued for a peer; further messages are refused.
    public var queuedByteCount = 128 << 10
    /// Reports that may wait for each reader of `ExtensionMessages.reports`; beyond that, a reader misses the oldest.
    public var reportCount = 1_024

    /// Bytes by which a message counts more than its length, because each costs the engine some work.
    public static let messageOverheadByteCount = 64
    /// How many bytes of pieces a content may have waiting to be stored, unless it is a single piece.
    public static let storedByteCount = 8 << 20

    /// Creates limits with the values above.
    public init() {}
}
