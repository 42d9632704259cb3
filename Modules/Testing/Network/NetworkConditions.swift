// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// How good a virtual network is. It may be changed while the network runs.
public struct NetworkConditions: Sendable {
    /// One-way delays. Each pair of hosts has its own, fixed within these.
    public var latency = Interval.milliseconds(5)...Interval.milliseconds(80)
    /// Added to each segment at random, from zero up to this. Streams keep their order; between streams it changes.
    public var jitter = Interval.milliseconds(10)
    /// Share of connections that are cut in a minute, from 0 to 1.
    public var cutsPerMinute = 0.0
    /// Share of dials that come to nothing, from 0 to 1.
    public var dialFailures = 0.0
    /// After this a dial that nobody answers is given up.
    public var dialTimeout = Interval.seconds(10)
    /// Bytes written to a stream and not yet arrived, beyond which it is not writable.
    public var streamWindowBytes = 48 << 10
    /// Bytes of one stream that an uplink sends before it turns to the next: one block in its message.
    public var segmentBytes = Block.byteCount + BlockRequest.blockHeaderByteCount

    /// A fair network that loses nothing.
    public init() {}
}

/// The capacity of a host's access to the network.
public struct LinkCapacity: Hashable, Sendable {
    /// Bytes per second that it can send.
    public var uplinkBytesPerSecond: Int
    /// Bytes per second that it can receive.
    public var downlinkBytesPerSecond: Int

    /// A link by its two directions; bytes per second.
    public init(uplinkBytesPerSecond: Int, downlinkBytesPerSecond: Int) {
        self.uplinkBytesPerSecond = max(1, uplinkBytesPerSecond)
        self.downlinkBytesPerSecond = max(1, downlinkBytesPerSecond)
    }

    /// 1 MiB/s up, 8 MiB/s down.
    public static let broadband = LinkCapacity(uplinkBytesPerSecond: 1 << 20, downlinkBytesPerSecond: 8 << 20)
}

extension Interval {
    /// What `byteCount` bytes take at a rate.
    static func transmission(of byteCount: Int, bytesPerSecond: Int) -> Interval {
        Interval(nanoseconds: Int64(byteCount) * 1_000_000_000 / Int64(bytesPerSecond))
    }
}
