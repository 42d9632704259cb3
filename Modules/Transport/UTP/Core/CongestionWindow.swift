// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// How many bytes may be under way: LEDBAT (RFC 6817) with slow start, and LEDBAT++'s faster way down.
///
/// Differs from RFC 6817 on purpose:
/// - §2.4.2 halves the window for each loss. Here a loss that no queue can explain does not: see `isQueueFull`.
/// - Far below the target the window grows by a share of itself a round trip, not by one packet: otherwise a fast long
///   link takes minutes to fill.
struct CongestionWindow {
    private(set) var byteCount: Int
    private(set) var isSlowStart = true

    private var threshold = Int.max
    /// Losses while the queue was long, and while it was not.
    private var losses = (long: 0, short: 0)
    private let most: Int
    private let target: Double

    /// Older losses count for half once there are this many.
    private static let lossMemory = 32
    /// RFC 6928.
    private static let initialPackets = 10
    private static let fewestPackets = 2
    /// The share of the window by which it grows in a round trip without any queue.
    private static let growth = 1.0 / 24
    /// A queue this short is a link that is not full.
    private static let quietDelay = Interval.milliseconds(5)
    /// A queue this long is felt by others.
    private static let feltDelay = Interval.milliseconds(25)

    init(packetBytes: Int, _ limits: UTPLimits) {
        byteCount = packetBytes * Self.initialPackets
        most = max(byteCount, limits.windowBytes)
        target = max(0.001, limits.targetDelay.seconds)
    }

    /// The peer acknowledged `bytes` while `inFlight` bytes (those included) were under way.
    mutating func handleAcknowledged(_ bytes: Int, inFlight: Int, queueing: Interval?, packetBytes: Int) {
        let delay = queueing?.seconds ?? 0
        if isSlowStart, delay > Self.feltDelay.seconds { endSlowStart(at: byteCount) }
        if isSlowStart {
            guard inFlight * 2 >= byteCount else { return }
            // A queue that begins to grow shows in full only a round trip later (RFC 9406).
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

    /// Packets were lost, the first since the window was last halved.
    mutating func handleLoss(_ queueing: QueueingDelay, isLossLow: Bool, packetBytes: Int) {
        let isFull = isQueueFull(queueing)
        guard !isLossLow || isFull else { return }
        byteCount = max(packetBytes * Self.fewestPackets, byteCount / 2)
        endSlowStart(at: byteCount)
    }

    /// Nothing was acknowledged for a whole timeout (BEP 29, "timeouts").
    mutating func handleTimeout(packetBytes: Int) {
        threshold = max(packetBytes * Self.fewestPackets, byteCount / 2)
        byteCount = packetBytes
        isSlowStart = true
    }

    /// Whether a full queue may have dropped packets: it is long enough to be felt, or as long as it ever gets while
    /// losses at other lengths are rare. A short buffer that overflows is at its longest then; a radio link loses packets
    /// at any length of the queue.
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
