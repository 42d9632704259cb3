// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// How long nodes take to answer, and so how long one is waited for before another is asked (as RFC 6298 measures it).
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

    /// How long to wait for a node whose answers take `known`, or for one that was never measured.
    func patience(with known: Interval?, _ limits: DHTLimits) -> Interval {
        guard let smoothed else { return limits.longestPatience }
        let expected = known.map { $0 + max($0 / 4, .milliseconds(20)) } ?? smoothed + variation
        return min(max(expected, limits.shortestPatience), limits.longestPatience)
    }
}
