// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Limits the bytes under way: LEDBAT (RFC 6817) with slow start, and the faster decrease of LEDBAT++.
///
/// Differs from RFC 6817 on purpose:
/// - §2.4.2 halves the window for each loss. Here a loss that no queue can explain does not: see `isQueueFull`.
/// - Far below the target, the window grows by a fraction of itself per round trip, not by one packet; otherwise a fast
///   long link takes minutes to fill.
struct CongestionWindow {
    private(set) var byteCount: Int
    private(set) var isSlowStart = true

    private var threshold = Int.max
    /// Losses while the queue was long, and while it was not.
    private var losses = (long: 0, short: 0)
    private let most: Int
    private let target: Double

    /// Older losses count half once there are this many.
    private static let lossMemory = 32
    /// RFC 6928.
    private static let initialPackets = 10
    private static let fewestPackets = 2
    /// The fraction of the window by which it grows per round trip without any queue.
    private static let growth = 1.0 / 24
    /// With a queue this short, the link is not full.
    private static let quietDelay = Interval.milliseconds(5)
    /// With a queue this long, others are affected.
    private static let feltDelay = Interval.milliseconds(25)

    init(packetBytes: Int, _ limits: UTPLimits) {
        byteCount = packetBytes * Self.initialPackets
        most = max(byteCount, limits.windowBytes)
        target = max(0.001, limits.targetDelay.seconds)
    }

    /// Records that the peer acknowledged `bytes` while `inFlight` bytes, including those, were under way.
    mutating func handleAcknowledged(_ bytes: Int, inFlight: Int, queueing: Interval?, packetBytes: Int) {
        let delay = queueing?.seconds ?? 0
        if isSlowStart, delay > Self.feltDelay.seconds { endSlowStart(at: byteCount) }
        if isSlowStart {
            guard inFlight * 2 >= byteCount else { return }
            // A growing queue becomes fully visible only a round trip later (RFC 9406).
            byteCount = min(most, byteCount + (delay > Self.quietDelay.seconds ? bytes / 4 : bytes))
            if byteCount >= threshold { isSlowStart = false }
            return
        }
        let share = min(1, Double(bytes) / Double(max(byteCount, 1)))
        let offTarget = 1 - delay / target
        if offTarget >= 0 {
            guard inFlight + 2 * packetBytes >= byteCount else { return }
            let rise = max(Double(packetBytes), Double(byteCount) * Self.growth)
            byteCount = min(most, byteCount + Int((rise * offTarget * share).rounded(.up)))
        } else {
            let fall = Double(byteCount) * share * min(0.5, -offTarget)
            byteCount = max(packetBytes * Self.fewestPackets, byteCount - Int(fall))
        }
    }

    /// Records that packets were lost for the first time since the window was last halved.
    mutating func handleLoss(_ queueing: QueueingDelay, isLossLow: Bool, packetBytes: Int) {
        let isFull = isQueueFull(queueing)
        guard !isLossLow || isFull else { return }
        byteCount = max(packetBytes * Self.fewestPackets, byteCount / 2)
        endSlowStart(at: byteCount)
    }

    /// Records that nothing was acknowledged for a whole timeout (BEP 29, "timeouts").
    mutating func handleTimeout(packetBytes: Int) {
        threshold = max(packetBytes * Self.fewestPackets, byteCount / 2)
        byteCount = packetBytes
        isSlowStart = true
    }

    /// Whether a full queue may have dropped packets: it is long enough to affect others, or as long as it ever gets
    /// while losses at other lengths are rare. A short buffer overflows at its longest; a radio link loses packets at
    /// any queue length.
    private mutating func isQueueFull(_ queueing: QueueingDelay) -> Bool {
        guard let current = queueing.current else { return true }
        if current >= Self.feltDelay { return true }
        let isLong = current > Self.quietDelay && current * 2 >= queueing.recentHighest
        losses.long += isLong ? 1 : 0
        losses.short += isLong ? 0 : 1
        if losses.long + losses.short > Self.lossMemory { losses = (losses.long / 2, losses.short / 2) }
        return isLong && losses.short * 2 <= losses.long
    }

    private mutating func endSlowStart(at bytes: Int) {
        threshold = bytes
        isSlowStart = false
    }
}
