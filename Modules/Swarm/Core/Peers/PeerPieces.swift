// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// The pieces of a peer. A seed uses no memory: otherwise a swarm of a million pieces and a thousand seeds would keep
/// 125 MB of ones.
package enum PeerPieces: Hashable, Sendable {
    /// Everything: a seed.
    case all
    /// These pieces.
    case some(Bitfield)
    /// These pieces of growing content. The bits may cover fewer or more pieces than we know of, and never mean a seed:
    /// no peer has what does not exist yet.
    case growing(Bitfield)

    /// The pieces of a peer that has none of `count`.
    package static func none(count: Int) -> Self { .some(Bitfield(count: count)) }

    /// Whether the peer has `piece`. A seed has every piece, even those beyond the end: check the index first.
    @inlinable package subscript(piece: PieceIndex) -> Bool {
        switch self {
        case .all: true
        case .some(let bits), .growing(let bits): bits[piece]
        }
    }

    /// Whether the peer has every piece.
    @inlinable package var isSeed: Bool {
        switch self {
        case .all: true
        case .some(let bits): bits.isComplete
        case .growing: false
        }
    }

    /// Whether the peer has no pieces.
    var isEmpty: Bool { bits?.isEmpty ?? false }

    /// The pieces; nil for a seed.
    var bits: Bitfield? {
        switch self {
        case .all: nil
        case .some(let bits), .growing(let bits): bits
        }
    }

    /// The number of pieces of growing content that the peer is known to know of; 0 otherwise.
    var coveredCount: Int { if case .growing(let bits) = self { bits.count } else { 0 } }

    /// Returns word `index` of the bits: piece `64 * index + i` is bit `i`.
    @inlinable func word(_ index: Int) -> UInt64 {
        switch self {
        case .all: .max
        case .some(let bits), .growing(let bits): index < bits.words.count ? bits.words[index] : 0
        }
    }

    /// Returns the number of pieces present out of `count`.
    package func setCount(of count: Int) -> Int {
        switch self {
        case .all: count
        case .some(let bits): bits.setCount
        case .growing(let bits): min(count, bits.setCount)
        }
    }

    /// Marks `piece` present. Returns false if nothing changes. Does not become `all` by itself: the picker counts
    /// seeds separately and is told first (`PiecePicker.handlePeerBecameSeed`).
    package mutating func insert(_ piece: PieceIndex) -> Bool {
        guard case .some(var bits) = self else { return insertGrowing(piece) }
        self = .all  // so that the bits have one owner and are changed in place
        let changed = bits.insert(piece)
        self = .some(bits)
        return changed
    }

    /// Extends the bits up to and including `piece`, which the caller limits.
    private mutating func insertGrowing(_ piece: PieceIndex) -> Bool {
        guard case .growing(var bits) = self else { return false }
        self = .all
        bits.grow(to: piece.int + 1)
        let changed = bits.insert(piece)
        self = .growing(bits)
        return changed
    }

    /// Marks `piece` absent (BEP 54 `lt_donthave`) out of `count`. Returns false if nothing changes.
    package mutating func remove(_ piece: PieceIndex, of count: Int) -> Bool {
        guard piece.int < count else { return false }
        var bits = Bitfield(count: 0)
        var isGrowing = false
        switch self {
        case .all: bits = Bitfield(count: count, allSet: true)
        case .some(let some): bits = some
        case .growing(let some): (bits, isGrowing) = (some, true)
        }
        self = .all
        let changed = bits.remove(piece)
        self = isGrowing ? .growing(bits) : .some(bits)
        return changed
    }

    /// Adjusts the pieces to content that has ended with `count` pieces.
    package mutating func close(at count: Int) {
        guard case .growing(let bits) = self else { return }
        self = .some(bits.resized(to: count))
    }
}
