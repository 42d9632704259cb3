// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Spreads a window's packets over the round trip, so they do not fill a buffer on the path at once.
struct Pacer {
    private var bytes = 0.0
    private var filledAt = Instant.zero
    /// Bytes per second; nil means no pacing.
    private var rate: Double?
    private var burst = 0.0

    /// Shorter round trips are not worth a timer.
    private static let shortestRoundTrip = Interval.milliseconds(2)
    private static let burstPackets = 10
    /// A burst lasts at least this long at the current rate, so timers are few and writes are large.
    private static let burstSeconds = 0.002

    /// Whether a packet may be sent now.
    var mayBegin: Bool { rate == nil || bytes > 0 }

    /// Sets the rate and credits the elapsed time.
    mutating func update(_ window: CongestionWindow, _ roundTrip: RoundTrip, packetBytes: Int, at now: Instant) {
        guard let smoothed = roundTrip.smoothed, smoothed >= Self.shortestRoundTrip else {
            rate = nil
            return
        }
        let rate = (window.isSlowStart ? 2 : 1.25) * Double(window.byteCount) / smoothed.seconds
        burst = max(Double(Self.burstPackets * packetBytes), rate * Self.burstSeconds)
        let passed = self.rate == nil ? 1 : max(0, (now - filledAt).seconds)
        self.rate = rate
        filledAt = now
        bytes = min(burst, bytes + rate * passed)
    }

    mutating func handleSent(_ byteCount: Int) {
        if rate != nil { bytes -= Double(byteCount) }
    }

    /// When half of a burst may be sent; nil if a packet may be sent now.
    var nextBegin: Instant? {
        guard let rate, !mayBegin else { return nil }
        return filledAt + .seconds((burst / 2 - bytes) / rate)
    }
}
