// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Bytes per second, smoothed over a window. It costs a few instructions per block.
///
/// A moving average in which older bytes weigh less and less. Until the window has passed once, it is the plain average
/// since the beginning, so that a young meter does not read low.
package struct RateMeter: Hashable, Sendable {
    /// The total number of bytes.
    package private(set) var totalByteCount = 0
    private var rate = 0.0
    private var pendingByteCount = 0
    private var foldedAt: Instant
    private let startedAt: Instant
    private let window: Interval

    /// How long bytes are collected before they change the average.
    private static let foldInterval = Interval.milliseconds(100)

    /// Creates a meter that smooths over about `window`.
    package init(window: Interval = .seconds(20), at now: Instant) {
        self.window = window
        foldedAt = now
        startedAt = now
    }

    /// Counts bytes.
    package mutating func handleBytes(_ count: Int, at now: Instant) {
        totalByteCount += count
        pendingByteCount += count
        guard now - foldedAt >= Self.foldInterval else { return }
        rate = rateBytesPerSecond(at: now)
        pendingByteCount = 0
        foldedAt = now
    }

    /// Returns the bytes per second, with a young meter reading low rather than high: as if its window had passed
    /// before.
    package func steadyRateBytesPerSecond(at now: Instant) -> Double {
        min(rateBytesPerSecond(at: now), Double(totalByteCount) / window.seconds)
    }

    /// Returns the bytes per second.
    package func rateBytesPerSecond(at now: Instant) -> Double {
        let elapsed = (now - foldedAt).seconds
        guard elapsed > 0 else { return rate }
        // A meter younger than its window weighs its whole life equally.
        let span = max(elapsed, min(window.seconds, (now - startedAt).seconds))
        return rate + (Double(pendingByteCount) - rate * elapsed) / span
    }
}
