// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire

@testable import RucheSwarm

/// An order as odd as an app may make one: levels and choices out of bounds, levels that change with its state, deadlines
/// for pieces that do not exist.
struct OddOrder: PieceOrder {
    private var shift = 0

    func level(of piece: PieceIndex, _ facts: PieceFacts) -> Int {
        (piece.int &* 7 &+ facts.availability &* 13 &+ shift) % 90 - 10
    }

    func choose(
        _ candidates: Span<PieceCandidate>,
        for peer: OrderPeer,
        at now: Instant,
        using random: inout SeededRandom
    ) -> Int? {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: nil
        case 1: [-1, .max, .min, candidates.count].randomElement(using: &random)
        default: Int.random(in: 0..<candidates.count, using: &random)
        }
    }

    mutating func handle(_ event: OrderEvent, in batch: inout OrderBatch) {
        switch Int.random(in: 0..<6, using: &batch.random) {
        case 0:
            shift = Int.random(in: 0..<64, using: &batch.random)
            batch.reconsider(-5..<1 << 40)
        case 1:
            shift += 1
            let first = Int.random(in: 0..<80, using: &batch.random)
            // The others keep their levels until they are asked about.
            batch.reconsider(first..<first + 3)
        case 2:
            let piece = PieceIndex(Int.random(in: 0..<80, using: &batch.random))
            batch.setDeadline(batch.now + .seconds(Int64(1)), of: piece)
            batch.setDeadline(batch.now, of: PieceIndex(UInt32.max))
        case 3: batch.dropDeadline(of: PieceIndex(Int.random(in: 0..<80, using: &batch.random)))
        default: break
        }
    }
}

/// Begins with the last piece.
struct LastFirst: PieceOrder {
    func level(of piece: PieceIndex, _ facts: PieceFacts) -> Int { 63 - piece.int * 64 / max(1, facts.pieceCount) }
}
