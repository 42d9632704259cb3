// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// An event that may matter to an order. The set is open: switch with a default.
public enum OrderEvent: Hashable, Sendable {
    /// The order applies from now on. `OrderBatch.have` contains the stored pieces.
    case began
    /// The content has grown to this many pieces.
    case grew(pieceCount: Int)
    /// The pieces before this one are no longer shared.
    case trimmed(before: PieceIndex)
    /// A piece is verified and stored.
    case verified(PieceIndex)
    /// A stored piece has been lost.
    case lost(PieceIndex)
    /// A reader (`Torrent.read`) still needs these pieces, the first immediately. The engine sets their deadlines
    /// itself.
    case readerMoved(Range<Int>)
    /// About half a second has passed.
    case tick
}

/// The context of an event: the time, randomness, and the order's answers. Valid during the call.
public struct OrderBatch {
    /// The time.
    public let now: Instant
    /// The pieces that are verified and stored.
    public let have: Bitfield
    /// A seeded generator, so that simulations can be replayed.
    public var random: SeededRandom

    /// The state of the generator after the call.
    var generator: SeededRandom { random }
    /// The requested deadlines in order; nil to drop one.
    private(set) var deadlines: [(piece: PieceIndex, deadline: Instant?)] = []
    /// The pieces whose levels have changed.
    private(set) var reconsidered: [Range<Int>] = []

    /// Creates a batch without answers.
    package init(now: Instant, have: Bitfield, random: SeededRandom) {
        self.now = now
        self.have = have
        self.random = random
    }

    /// Wants `piece` by `deadline`, and before all pieces without one, unless it has an earlier deadline. Pieces that the user
    /// skips get none. The latest deadlines are dropped if there are thousands.
    public mutating func setDeadline(_ deadline: Instant, of piece: PieceIndex) { deadlines.append((piece, deadline)) }

    /// Drops the deadline of a piece, for example because it has passed and no longer matters.
    public mutating func dropDeadline(of piece: PieceIndex) { deadlines.append((piece, nil)) }

    /// Recomputes the levels of `pieces`, because something other than their facts has changed. Takes time in
    /// proportion to their number.
    public mutating func reconsider(_ pieces: Range<Int>) { reconsidered.append(pieces) }
}
