// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The smoothed round trip time, and the resulting timeout (RFC 6298; BEP 29, "timeouts").
struct RoundTrip {
    /// nil until a packet that was sent once has been acknowledged.
    private(set) var smoothed: Interval?
    /// The minimum so far.
    private(set) var lowest: Interval?
    /// The last measurement.
    private(set) var latest: Interval?
    private var variation: Interval = .zero

    mutating func handleSample(_ sample: Interval) {
        let sample = max(sample, Interval(nanoseconds: 1000))
        latest = sample
        lowest = min(sample, lowest ?? sample)
        guard let smoothed else {
            self.smoothed = sample
            variation = sample / 2
            return
        }
        let error = max(smoothed - sample, sample - smoothed)
        variation = variation + (error - variation) / 4
        self.smoothed = smoothed + (sample - smoothed) / 8
    }

    /// How long to wait for an acknowledgement after `backoff` consecutive timeouts.
    func timeout(backoff: Int, _ limits: UTPLimits) -> Interval {
        let base = smoothed.map { max(limits.shortestTimeout, $0 + variation * 4) } ?? limits.connectTimeout
        return min(base * Int64(1 << min(backoff, 8)), .seconds(60 as Int))
    }
}
