// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// The quality of a virtual network. It may change while the network runs.
public struct NetworkConditions: Sendable {
    /// The range of one-way delays. Each pair of hosts has a fixed delay in this range.
    public var latency = Interval.milliseconds(5)...Interval.milliseconds(80)
    /// The maximum random delay added to each segment. The order within a stream is kept; between streams it varies.
    public var jitter = Interval.milliseconds(10)
    /// The share of connections that are cut per minute, from 0 to 1.
    public var cutsPerMinute = 0.0
    /// The share of dials that fail, from 0 to 1.
    public var dialFailures = 0.0
    /// How long a dial without an answer takes to fail.
    public var dialTimeout = Interval.seconds(10)
    /// The number of bytes written to a stream that may be in flight before it stops being writable.
    public var streamWindowBytes = 48 << 10
    /// The number of bytes that an uplink sends of one stream before it turns to the next: one `piece` message.
    public var segmentBytes = Block.byteCount + BlockRequest.blockHeaderByteCount

    /// Creates good conditions, without failures.
    public init() {}
}

/// The capacity of a host's link to the network.
public struct LinkCapacity: Hashable, Sendable {
    /// Bytes per second that the host can send.
    public var uplinkBytesPerSecond: Int
    /// Bytes per second that the host can receive.
    public var downlinkBytesPerSecond: Int

    /// Creates a capacity. Rates below 1 count as 1.
    public init(uplinkBytesPerSecond: Int, downlinkBytesPerSecond: Int) {
        self.uplinkBytesPerSecond = max(1, uplinkBytesPerSecond)
        self.downlinkBytesPerSecond = max(1, downlinkBytesPerSecond)
    }

    /// 1 MiB/s up, 8 MiB/s down.
    public static let broadband = LinkCapacity(uplinkBytesPerSecond: 1 << 20, downlinkBytesPerSecond: 8 << 20)
}

extension Interval {
    /// The time that `byteCount` bytes take at a rate.
    static func transmission(of byteCount: Int, bytesPerSecond: Int) -> Interval {
        Interval(nanoseconds: Int64(byteCount) * 1_000_000_000 / Int64(bytesPerSecond))
    }
}
