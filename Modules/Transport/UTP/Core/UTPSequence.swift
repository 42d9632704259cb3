// SPDX-License-Identifier: Apache-2.0

/// A packet's number modulo 65,536 (BEP 29, `seq_nr` and `ack_nr`). Arithmetic wraps and never traps.
package struct UTPSequence: Hashable, Sendable {
    package var number: UInt16

    package init(_ number: UInt16) { self.number = number }

    /// How many packets this is after `other`, -32,768...32,767, in circular order.
    package func distance(from other: Self) -> Int { Int(Int16(bitPattern: number &- other.number)) }

    package static func + (sequence: Self, count: Int) -> Self {
        Self(sequence.number &+ UInt16(truncatingIfNeeded: count))
    }

    package static func - (sequence: Self, count: Int) -> Self {
        Self(sequence.number &- UInt16(truncatingIfNeeded: count))
    }

    package static func += (sequence: inout Self, count: Int) { sequence = sequence + count }
}
