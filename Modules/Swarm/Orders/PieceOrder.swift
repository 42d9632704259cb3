// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto
public import RucheWire

/// Decides which piece is started next, with which peer, and by when.
///
/// An order only ranks. The engine decides what may be requested at all: files that the user skips are never offered,
/// those that the user prefers come first, open pieces are finished before others are started, and memory and requests
/// are limited.
///
/// An order is a value of one torrent, on its loop. It is pure: it depends only on its arguments, from which it takes
/// time and randomness. The engine asks it for levels when the facts of a piece change, and for a choice once for each
/// piece that is started, never for a block. `checkPieceOrder` in RucheTesting checks this.
///
///     struct LastFirst: PieceOrder {
///         func level(of piece: PieceIndex, _ facts: PieceFacts) -> Int {
///             63 - piece.int * 64 / facts.pieceCount
///         }
///     }
///
///     options.order = FetchOrder(LastFirst())
public protocol PieceOrder: Sendable {
    /// Returns the level of `piece`, from 0 to 63. The lowest level comes first; other numbers count as the nearest of these.
    /// By default the number of peers that have the piece: rarest first.
    func level(of piece: PieceIndex, _ facts: PieceFacts) -> Int

    /// Returns which of `candidates` to start, as an index; nil to start none with this peer now. By default the first.
    ///
    /// The candidates are a few pieces that the peer has, of the highest priority, by level; those of one level start
    /// at a random one. There is at least one. An index that does not exist counts as the first.
    func choose(
        _ candidates: Span<PieceCandidate>,
        for peer: OrderPeer,
        at now: Instant,
        using random: inout SeededRandom
    ) -> Int?

    /// Handles an event. The answers are deadlines, and pieces whose levels have changed. By default does nothing.
    mutating func handle(_ event: OrderEvent, in batch: inout OrderBatch)
}

extension PieceOrder {
    /// Returns the number of peers that have the piece: rarest first.
    public func level(of piece: PieceIndex, _ facts: PieceFacts) -> Int { facts.availability }

    /// Returns the first candidate.
    public func choose(
        _ candidates: Span<PieceCandidate>,
        for peer: OrderPeer,
        at now: Instant,
        using random: inout SeededRandom
    ) -> Int? { 0 }

    /// Does nothing.
    public mutating func handle(_ event: OrderEvent, in batch: inout OrderBatch) {}
}
