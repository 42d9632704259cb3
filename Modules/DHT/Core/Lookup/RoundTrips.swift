// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Measures how long nodes take to answer, and so how long to wait before another is asked (measured as in RFC 6298).
struct RoundTrips: Sendable {
    private var smoothed: Interval?
    private var variation = Interval.zero

    mutating func note(_ roundTrip: Interval) {
        guard let mean = smoothed else {
            smoothed = roundTrip
            variation = roundTrip / 2
            return
        }
        let difference = Interval(nanoseconds: abs((roundTrip - mean).nanoseconds))
        variation = (variation * 3 + difference) / 4
        smoothed = (mean * 7 + roundTrip) / 8
    }

    /// Returns how long to wait for a node whose responses take `known`, or for one that was never measured.
    func patience(with known: Interval?, _ limits: DHTLimits) -> Interval {
        guard let smoothed else { return limits.longestPatience }
        let expected = known.map { $0 + max($0 / 4, .milliseconds(20)) } ?? smoothed + variation
        return min(max(expected, limits.shortestPatience), limits.longestPatience)
    }
}
