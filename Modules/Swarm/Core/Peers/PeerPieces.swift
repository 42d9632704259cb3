// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What a peer has. A seed costs nothing: a swarm of a million pieces and a thousand seeds would else hold 125 MB of ones.
package enum PeerPieces: Hashable, Sendable {
    /// Everything: a seed.
    case all
    /// These.
    case some(Bitfield)

    /// A peer that has nothing of `count` pieces.
    package static func none(count: Int) -> Self { .some(Bitfield(count: count)) }

    /// Whether `piece` is there. A seed has every piece, those beyond the end too: check the index first.
    @inlinable package subscript(piece: PieceIndex) -> Bool {
        switch self {
        case .all: true
        case .some(let bits): bits[piece]
        }
    }

    /// Whether every piece is there.
    @inlinable package var isSeed: Bool {
        switch self {
        case .all: true
        case .some(let bits): bits.isComplete
        }
    }

    /// Bits of word `index`: piece `64 * index + i` is bit `i`.
    @inlinable func word(_ index: Int) -> UInt64 {
        switch self {
        case .all: .max
        case .some(let bits): index < bits.words.count ? bits.words[index] : 0
        }
    }

    /// Pieces present out of `count`.
    package func setCount(of count: Int) -> Int {
        switch self {
        case .all: count
        case .some(let bits): bits.setCount
        }
    }

    /// Marks `piece` present; false where nothing changes. Does not become `all` by itself: the picker counts seeds
    /// apart and is told first (`PiecePicker.handlePeerBecameSeed`).
    package mutating func insert(_ piece: PieceIndex) -> Bool {
        guard case .some(var bits) = self else { return false }
        self = .all  // so that the bits have one owner and are changed in place
        let changed = bits.insert(piece)
        self = .some(bits)
        return changed
    }

    /// Marks `piece` absent (BEP 54 `lt_donthave`) out of `count`; false where nothing changes.
    package mutating func remove(_ piece: PieceIndex, of count: Int) -> Bool {
        guard piece.int < count else { return false }
        var bits = Bitfield(count: 0)
        switch self {
        case .all: bits = Bitfield(count: count, allSet: true)
        case .some(let some): bits = some
        }
        self = .all
        let changed = bits.remove(piece)
        self = .some(bits)
        return changed
    }
}
