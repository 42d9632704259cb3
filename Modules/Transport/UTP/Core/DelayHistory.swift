// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The minimum one-way delay of recent minutes, which is the delay without a queue (RFC 6817 §3.4.2).
///
/// The clocks of both ends are unrelated, so a delay is known only up to a constant, modulo 2³² microseconds.
struct DelayHistory {
    /// The minimum delay of each recent minute, the current one last.
    private var minutes: [UInt32] = []
    private var minuteBegan = Instant.zero
    private(set) var base: UInt32?

    private static let minuteCount = 10

    /// Records `delay` and returns how far it is above the base, in microseconds.
    mutating func handleSample(_ delay: UInt32, at now: Instant) -> Int {
        if minutes.isEmpty || now - minuteBegan >= .minutes(1) {
            if minutes.count == Self.minuteCount { minutes.removeFirst() }
            minutes.append(delay)
            minuteBegan = now
        } else if Self.isLess(delay, minutes[minutes.count - 1]) {
            minutes[minutes.count - 1] = delay
        }
        let base = minutes.dropFirst().reduce(minutes[0]) { Self.isLess($1, $0) ? $1 : $0 }
        self.base = base
        return Int(delay &- base)
    }

    /// Raises the base, because the peer's clock has fallen behind ours by this many microseconds since the base was
    /// measured.
    mutating func shift(by microseconds: UInt32) {
        for index in minutes.indices { minutes[index] &+= microseconds }
        base = base.map { $0 &+ microseconds }
    }

    /// Whether `left` is before `right` in circular order.
    static func isLess(_ left: UInt32, _ right: UInt32) -> Bool { Int32(bitPattern: left &- right) < 0 }
}
