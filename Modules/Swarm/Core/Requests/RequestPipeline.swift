// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Decides how many requests to keep outstanding with one peer: those answered in a round trip, and one second's worth
/// more.
///
///     slow start ──rate stops growing──► steady
///        ▲                                 │
///        └────────────unchoked─────────────┘
///
/// In slow start each block allows one more request, so the depth doubles in a round trip. The round trip is the
/// shortest since the unchoke: the usual one includes the waiting that our own requests cause.
///
/// Owner: the peer's state in the swarm's core. Invariant: `outstanding >= 0`.
package struct RequestPipeline: Sendable {
    /// The number of outstanding requests.
    package private(set) var outstanding = 0

    private let limits: RequestLimits
    private var remoteDepth: Int
    private var isSlowStart = true
    private var targetDepth: Int
    private var meter: RateMeter

    /// The number of requests sent, and of those answered in any way; a probe is the request with this number.
    private var sentCount = 0
    private var answeredCount = 0
    private var probe: (number: Int, sentAt: Instant)?
    private var shortestLatency: Interval?

    private var measuredFrom: Instant
    private var measuredByteCount = 0
    private var lastMeasuredRate = 0.0

    /// When the peer last began to owe blocks without sending any.
    private var waitingSince: Instant
    /// How long it owed blocks before that, since its last block: a choke, a reject or a cancel does not clear the
    /// debt.
    private var owedBefore = Interval.zero
    /// The last measured rate in bytes per second, also from before the last unchoke; 0 until then.
    private var knownRate = 0.0
    /// How long the first block may take.
    private var firstBlockTime: Interval
    /// It was snubbed, and has sent no block since.
    private var isWrittenOff: Bool
    private var hasDelivered = false

    /// Creates the pipeline of a peer that queues `remoteDepth` requests (BEP 10 `reqq`; nil if unknown). A peer that
    /// `isDoubted` counts as snubbed until its first block.
    package init(
        limits: RequestLimits = RequestLimits(),
        remoteDepth: Int? = nil,
        isDoubted: Bool = false,
        at now: Instant
    ) {
        isWrittenOff = isDoubted
        firstBlockTime = limits.firstBlockTime
        self.limits = limits
        self.remoteDepth = max(1, remoteDepth ?? limits.defaultRemoteDepth)
        targetDepth = limits.initialDepth
        meter = RateMeter(window: .seconds(3), at: now)
        measuredFrom = now
        waitingSince = now
    }

    // MARK: Inputs

    /// Handles the peer's `reqq`.
    package mutating func handleRemoteDepth(_ depth: Int) { remoteDepth = max(1, depth) }

    /// Handles an unchoke: the depth is determined anew.
    package mutating func handleUnchoked(at now: Instant) {
        isSlowStart = true
        targetDepth = max(limits.initialDepth, min(targetDepth, limits.maxDepth) / 2)
        meter = RateMeter(window: .seconds(3), at: now)
        startMeasuring(at: now)
        lastMeasuredRate = 0
        shortestLatency = nil
        probe = nil
        if outstanding == 0 { waitingSince = now }
    }

    /// Handles `count` requests that were sent. `usualBlockTime` is how long a block takes from peers of the swarm,
    /// zero if unknown: if all are slow, the first block may take longer.
    package mutating func handleSent(_ count: Int, usualBlockTime: Interval = .zero, at now: Instant) {
        guard count > 0 else { return }
        firstBlockTime = max(limits.firstBlockTime, usualBlockTime * Int64(3 * (outstanding + count)))
        if outstanding == 0 { waitingSince = now }
        outstanding += count
        // The first of a batch: the others wait at the peer for those before them.
        if probe == nil { probe = (sentCount + 1, now) }
        sentCount += count
    }

    /// Handles a requested block that arrived.
    package mutating func handleReceived(byteCount: Int, at now: Instant) {
        let wasFull = outstanding >= depth(at: now) / 2
        settle(1, at: now)
        waitingSince = now
        owedBefore = .zero
        isWrittenOff = false
        hasDelivered = true
        meter.handleBytes(byteCount, at: now)
        measuredByteCount += byteCount
        if isSlowStart, wasFull { targetDepth = min(targetDepth + 1, limits.maxDepth) }
        if now - measuredFrom >= max(limits.measureTime, shortestLatency ?? .zero) { measure(at: now) }
    }

    /// Handles `count` requests that will not be answered (reject, choke, cancel).
    package mutating func handleReleased(_ count: Int, at now: Instant) {
        guard count > 0 else { return }
        if isSnubbed(at: now) { isWrittenOff = true }
        let owedTime = owedTime(at: now)
        settle(count, at: now)
        if outstanding == 0 { owedBefore = owedTime }
    }

    // MARK: Queries

    /// Returns the number of requests to keep outstanding.
    package func depth(at now: Instant) -> Int {
        if isSnubbed(at: now) { return limits.snubbedDepth }
        return min(max(targetDepth, limits.minDepth), limits.maxDepth, remoteDepth)
    }

    /// Returns the number of requests to send now; none until there is room for a worthwhile batch, an eighth of the
    /// depth.
    package func room(at now: Instant) -> Int {
        let depth = depth(at: now)
        let room = depth - outstanding
        return room >= max(1, depth / 8) ? room : 0
    }

    /// Returns whether the peer owes blocks and has been silent for too long; true until it sends one.
    package func isSnubbed(at now: Instant) -> Bool {
        isWrittenOff || outstanding > 0 && owedTime(at: now) >= snubTime
    }

    /// When it will be snubbed unless a block arrives; nil if it owes nothing.
    package var snubDeadline: Instant? { outstanding > 0 ? waitingSince + (snubTime - owedBefore) : nil }

    /// Returns how long it has owed blocks since its last one, all periods together.
    package func owedTime(at now: Instant) -> Interval {
        outstanding > 0 ? owedBefore + (now - waitingSince) : owedBefore
    }

    /// Whether it has sent a block.
    package var isProven: Bool { hasDelivered }

    /// Returns the bytes per second over the last few seconds.
    package func rateBytesPerSecond(at now: Instant) -> Double { meter.rateBytesPerSecond(at: now) }

    /// Returns how long the peer takes for a block; nil while nothing is known about it.
    package func blockTime(at now: Instant) -> Interval? {
        let rate = meter.rateBytesPerSecond(at: now)
        guard hasDelivered, rate > 0 else { return nil }
        return .seconds(min(Double(Block.byteCount) / rate, limits.maxSnubTime.seconds))
    }

    /// Returns how long it takes to answer the next request, after those outstanding, if a block takes `blockTime`.
    package func answerTime(blockTime: Interval) -> Interval {
        blockTime * Int64(outstanding + 1) + (shortestLatency ?? .zero)
    }

    // MARK: Measuring

    /// Ten times the expected time for a block, within the limits.
    private var snubTime: Interval {
        guard knownRate > 0 else { return min(firstBlockTime, limits.maxSnubTime) }
        let usual = Double(Block.byteCount) / knownRate + (shortestLatency ?? .zero).seconds
        let seconds = min(max(10 * usual, limits.minSnubTime.seconds), limits.maxSnubTime.seconds)
        return .seconds(seconds)
    }

    private mutating func settle(_ count: Int, at now: Instant) {
        outstanding = max(0, outstanding - count)
        answeredCount += count
        if let probe, answeredCount >= probe.number {
            let latency = now - probe.sentAt
            shortestLatency = min(shortestLatency ?? latency, latency)
            self.probe = nil
        }
    }

    private mutating func startMeasuring(at now: Instant) {
        measuredFrom = now
        measuredByteCount = 0
    }

    /// Ends slow start once the rate grows by less than a tenth; from then on follows the rate.
    private mutating func measure(at now: Instant) {
        let rate = Double(measuredByteCount) / (now - measuredFrom).seconds
        if rate < lastMeasuredRate * 1.1 { isSlowStart = false }
        lastMeasuredRate = rate
        knownRate = rate
        startMeasuring(at: now)
        guard !isSlowStart else { return }
        let latency = (shortestLatency ?? .zero) + limits.queueTime
        let blocks = meter.rateBytesPerSecond(at: now) * latency.seconds / Double(Block.byteCount)
        targetDepth = Int(min(max(blocks.rounded(.up), Double(limits.minDepth)), Double(limits.maxDepth)))
    }
}
