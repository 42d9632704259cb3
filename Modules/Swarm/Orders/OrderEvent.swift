// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// Something that an order may want to know. Later versions may tell of more: have a `default`.
public enum OrderEvent: Hashable, Sendable {
    /// The order is in force from now on. `OrderBatch.have` says what is here.
    case began
    /// The content has grown to this many pieces.
    case grew(pieceCount: Int)
    /// The pieces before this one are no longer shared.
    case trimmed(before: PieceIndex)
    /// A piece is verified and stored.
    case verified(PieceIndex)
    /// A piece that was here has been lost.
    case lost(PieceIndex)
    /// A reader (`Torrent.read`) still needs these pieces, the first at once. The engine gives them deadlines itself.
    case readerMoved(Range<Int>)
    /// About half a second has passed.
    case tick
}

/// What an order is given with each event: the time, chance, and ways to answer. Valid during the call.
public struct OrderBatch {
    /// The time.
    public let now: Instant
    /// The pieces that are verified and stored.
    public let have: Bitfield
    /// A generator that is seeded, so that simulations replay.
    public var random: SeededRandom

    /// The deadlines asked for, nil for one to drop, in order.
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

    /// Drops the deadline of a piece, which has passed and matters no longer, for example.
    public mutating func dropDeadline(of piece: PieceIndex) { deadlines.append((piece, nil)) }

    /// Asks for the levels of `pieces` anew, because something else than their facts has changed. Takes time in proportion to
    /// their number.
    public mutating func reconsider(_ pieces: Range<Int>) { reconsidered.append(pieces) }
}
