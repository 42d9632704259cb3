// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire

/// One direction of a path: a drop-tail queue in front of a line, then a delay.
struct VirtualLink {
    struct Nature: Sendable {
        /// Nil for a line that takes no time.
        var bitsPerSecond: Double?
        var delay: Interval = .milliseconds(25)
        /// Maximum length of the queue.
        var queue: Interval = .milliseconds(100)
        var lossShare = 0.0
        var duplicateShare = 0.0
        /// The fraction of packets that take up to `jitter` longer, and so arrive after their successors.
        var lateShare = 0.0
        var jitter: Interval = .milliseconds(5)
        /// Longer datagrams are dropped.
        var longest = 65_535
    }

    var nature: Nature
    private(set) var sentCount = 0
    private(set) var dropCount = 0
    private var freeAt = Instant.zero
    private var random: SeededRandom
    /// Queueing delays in seconds: their sum and maximum.
    private(set) var waited = (sum: 0.0, longest: 0.0)

    init(_ nature: Nature, _ random: SeededRandom) {
        self.nature = nature
        self.random = random
    }

    var meanWaitSeconds: Double { waited.sum / Double(max(1, sentCount - dropCount)) }

    mutating func forgetWaits() {
        waited = (0, 0)
        (sentCount, dropCount) = (0, 0)
    }

    /// Returns when a datagram that is sent now arrives: never, once or twice.
    mutating func arrivals(byteCount: Int, at now: Instant) -> [Instant] {
        sentCount += 1
        let wait = max(freeAt, now) - now
        guard byteCount <= nature.longest, !isDrawn(nature.lossShare), wait <= nature.queue else {
            dropCount += 1
            return []
        }
        if let bits = nature.bitsPerSecond {
            freeAt = now + wait + .seconds(Double((byteCount + 28) * 8) / bits)
            waited = (waited.sum + wait.seconds, max(waited.longest, wait.seconds))
        }
        let arrival = now + wait + nature.delay
        let count = isDrawn(nature.duplicateShare) ? 2 : 1
        return (0..<count).map { _ in isDrawn(nature.lateShare) ? arrival + drawnJitter() : arrival }
    }

    private mutating func isDrawn(_ share: Double) -> Bool {
        share > 0 && Double.random(in: 0..<1, using: &random) < share
    }

    private mutating func drawnJitter() -> Interval {
        Interval(nanoseconds: Int64.random(in: 0...nature.jitter.nanoseconds, using: &random))
    }
}
