// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// A byte budget that fills at a steady rate. Exact in the long run: nothing is lost to rounding.
///
/// Owner: one event loop, or a lock. Invariant: it holds `0...burstBytes` bytes, and less than one byte in `fraction`.
package struct TokenBucket: Hashable, Sendable {
    /// The fill rate; at least 1.
    package let rateBytesPerSecond: Int
    /// The capacity; at least 1.
    package let burstBytes: Int

    private var bytes: Int
    /// In billionths of a byte.
    private var fraction: UInt = 0
    private var filled: Instant

    private static let unitsPerByte: UInt = 1_000_000_000

    /// Creates a full bucket.
    package init(rateBytesPerSecond: Int, burstBytes: Int, at now: Instant) {
        self.rateBytesPerSecond = max(1, rateBytesPerSecond)
        self.burstBytes = max(1, burstBytes)
        bytes = self.burstBytes
        filled = now
    }

    /// Takes up to `wanted` bytes, possibly none.
    package mutating func take(upTo wanted: Int, at now: Instant) -> Int {
        fill(at: now)
        let taken = max(0, min(wanted, bytes))
        bytes -= taken
        return taken
    }

    /// Takes either `wanted` bytes or none.
    package mutating func takeWhole(_ wanted: Int, at now: Instant) -> Bool {
        let taken = take(upTo: wanted, at: now)
        guard taken < wanted else { return true }
        giveBack(taken)
        return false
    }

    /// Returns bytes that were taken and not used.
    package mutating func giveBack(_ unused: Int) {
        bytes += max(0, min(unused, burstBytes - bytes))
    }

    /// When `wanted` bytes, but no more than a full bucket, will be available if none are taken before; `now` if they
    /// are.
    package mutating func nextAvailable(_ wanted: Int, at now: Instant) -> Instant {
        fill(at: now)
        let missing = min(wanted, burstBytes) - bytes
        guard missing > 0 else { return now }
        let units = UInt(missing).multipliedFullWidth(by: Self.unitsPerByte)
        let (low, borrow) = units.low.subtractingReportingOverflow(fraction)
        let high = units.high - (borrow ? 1 : 0)
        let rate = UInt(rateBytesPerSecond)
        guard high < rate else { return Instant(nanoseconds: .max) }
        let (quotient, remainder) = rate.dividingFullWidth((high, low))
        let wait = Int64(clamping: quotient).addingReportingOverflow(remainder > 0 ? 1 : 0)
        let moment = now.nanoseconds.addingReportingOverflow(wait.overflow ? .max : wait.partialValue)
        return Instant(nanoseconds: moment.overflow ? .max : moment.partialValue)
    }

    /// A clock that runs backwards fills nothing.
    private mutating func fill(at now: Instant) {
        guard now > filled else { return }
        let elapsed = UInt(now.nanoseconds &- filled.nanoseconds)
        filled = now
        let units = elapsed.multipliedFullWidth(by: UInt(rateBytesPerSecond))
        let (low, carry) = units.low.addingReportingOverflow(fraction)
        let high = units.high + (carry ? 1 : 0)
        guard high < Self.unitsPerByte else { return fillUp() }
        let (gained, rest) = Self.unitsPerByte.dividingFullWidth((high, low))
        guard gained < UInt(burstBytes - bytes) else { return fillUp() }
        bytes += Int(gained)
        fraction = rest
    }

    private mutating func fillUp() {
        bytes = burstBytes
        fraction = 0
    }
}
