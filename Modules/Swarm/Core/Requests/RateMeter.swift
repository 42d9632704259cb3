// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Bytes per second, smoothed over a time constant. Costs a few instructions a block.
package struct RateMeter: Hashable, Sendable {
    /// Smooths over about `window`.
    package init(window: Interval = .seconds(Int64(20)), at now: Instant) {}
    /// Counts bytes.
    package mutating func handleBytes(_ count: Int, at now: Instant) {}
    /// Bytes per second.
    package func rateBytesPerSecond(at now: Instant) -> Double { 0 }
    /// All bytes ever counted.
    package private(set) var totalByteCount = 0
}
