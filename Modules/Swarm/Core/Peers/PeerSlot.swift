// SPDX-License-Identifier: Apache-2.0

/// The place of a connected peer in its swarm's dense table. Reused after the peer has left, so whoever keeps one
/// forgets it when told so.
package struct PeerSlot: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The index itself.
    package var rawValue: UInt32

    /// A slot by number.
    @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The index, to subscript with.
    @inlinable package var int: Int { Int(rawValue) }

    @inlinable package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

    package var description: String { "peer#\(rawValue)" }
}
