// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import RucheWire

extension Instant {
    /// The time of the system's monotonic clock, the one that event loops use. For drivers only: cores are told.
    public static var now: Instant { Instant(NIODeadline.now()) }

    /// An event loop's moment.
    public init(_ deadline: NIODeadline) {
        self.init(nanoseconds: Int64(clamping: deadline.uptimeNanoseconds))
    }
}

extension NIODeadline {
    /// A moment at which an event loop may be asked to do something.
    public init(_ instant: Instant) {
        self = .uptimeNanoseconds(UInt64(clamping: instant.nanoseconds))
    }
}

extension TimeAmount {
    /// A length of time as event loops count it.
    public init(_ interval: Interval) {
        self = .nanoseconds(interval.nanoseconds)
    }
}
