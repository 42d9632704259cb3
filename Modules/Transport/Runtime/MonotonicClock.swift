// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import RucheWire

extension Instant {
    /// The time of the system's monotonic clock, which event loops use. For drivers only: cores receive the time.
    package static var now: Instant { Instant(NIODeadline.now()) }

    /// Converts an event loop's time.
    package init(_ deadline: NIODeadline) {
        self.init(nanoseconds: Int64(clamping: deadline.uptimeNanoseconds))
    }
}

extension NIODeadline {
    /// Converts a time for use with an event loop.
    package init(_ instant: Instant) {
        self = .uptimeNanoseconds(UInt64(clamping: instant.nanoseconds))
    }
}

extension TimeAmount {
    /// Converts a duration for use with an event loop.
    package init(_ interval: Interval) {
        self = .nanoseconds(interval.nanoseconds)
    }
}
