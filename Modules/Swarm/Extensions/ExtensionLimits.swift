// SPDX-License-Identifier: Apache-2.0

/// How much the messages of one extension may take, for each connection. The engine holds peers and the extension to it.
///
/// A peer that sends a longer message is disconnected. What it sends beyond the rate is dropped, and counts against it
/// once a second: after a few seconds it is disconnected as well. Two peers with the same limits stay within them,
/// however the network delays their messages for a moment.
public struct ExtensionLimits: Hashable, Sendable {
    /// The longest message in either direction, in bytes; at most 65,536, which is the longest that the engine reads.
    public var messageByteCount = 16 << 10
    /// How many bytes a peer may send on average. Each message counts as `messageOverheadByteCount` more.
    public var receivedBytesPerSecond = 64 << 10
    /// How many bytes it may send at once.
    public var receivedBurstByteCount = 512 << 10
    /// How many bytes are sent to a peer on average, counted likewise. The rest waits.
    public var sentBytesPerSecond = 64 << 10
    /// How many bytes wait to be sent to a peer; more are refused.
    public var queuedByteCount = 128 << 10
    /// How many reports wait for each reader of `ExtensionMessages.reports`; beyond that, a reader misses the oldest.
    public var reportCount = 1_024

    /// What a message counts beyond its bytes, because each costs the engine some work.
    public static let messageOverheadByteCount = 64

    /// Creates limits with the values above.
    public init() {}
}
