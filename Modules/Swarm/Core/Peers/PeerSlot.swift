// SPDX-License-Identifier: Apache-2.0

/// The index of a connected peer in its swarm's dense table. It is reused after the peer has left, so every part that
/// stores one must forget it when told so.
package struct PeerSlot: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The index itself.
    package var rawValue: UInt32

    /// Creates a slot from its number.
    @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The index, for subscripts.
    @inlinable package var int: Int { Int(rawValue) }

    @inlinable package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    package var description: String { "peer#\(rawValue)" }
}
