// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// How long our packets wait in queues on their way to the peer, according to the peer's clock.
///
/// Corrected for clocks that run at different speeds: the peer's packets seem to gain what ours seem to lose. Limited
/// to the round trip's excess over its minimum, which no clock can falsify.
struct QueueingDelay {
    /// The minimum of the last few samples (RFC 6817 §3.4.2, `CURRENT_FILTER`); nil before the first.
    private(set) var current: Interval?

    private var ours = DelayHistory()
    private var theirs = DelayHistory()
    private var recent: [Interval] = []
    private var highest: (recent: Interval, before: Interval, since: Instant) = (.zero, .zero, .zero)

    private static let filterCount = 4
    /// A base that falls by more than this did not drift (other implementations use the same rule).
    private static let mostDriftMicroseconds = 10_000

    /// The maximum of the last five to ten seconds.
    var recentHighest: Interval { max(highest.recent, highest.before) }

    /// Records that a packet from the peer took `microseconds`, by the difference of the clocks.
    mutating func handleIncoming(_ microseconds: UInt32, at now: Instant) {
        let before = theirs.base
        _ = theirs.handleSample(microseconds, at: now)
        guard let before, let after = theirs.base, DelayHistory.isLess(after, before) else { return }
        let drift = before &- after
        if drift <= UInt32(Self.mostDriftMicroseconds) { ours.shift(by: drift) }
    }

    /// Records the peer's report that one of our packets took `microseconds`.
    mutating func handleReport(_ microseconds: UInt32, _ roundTrip: RoundTrip, at now: Instant) {
        var sample = Interval(nanoseconds: Int64(ours.handleSample(microseconds, at: now)) * 1000)
        if let latest = roundTrip.latest, let lowest = roundTrip.lowest { sample = min(sample, latest - lowest) }
        if recent.count == Self.filterCount { recent.removeFirst() }
        recent.append(sample)
        let filtered = recent.min() ?? sample
        current = filtered
        if now - highest.since > .seconds(5 as Int) { highest = (.zero, highest.recent, now) }
        highest.recent = max(highest.recent, filtered)
    }
}
