// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheTesting
import RucheWire
import Synchronization
import Testing

@testable import RucheSwarm

/// An app's order ranks; the picker enforces the rest.
struct PieceOrderTests {
    private let seed = PeerSlot(rawValue: 0)

    /// A picker for pieces of four blocks, to which a seed is connected.
    private func makePicker(_ pieceCount: Int, _ order: some PieceOrder, at now: Instant = .zero) -> PiecePicker {
        let geometry = PieceGeometry(pieceLength: 4 * Block.byteCount, totalSize: pieceCount * 4 * Block.byteCount)
        var picker = PiecePicker(geometry: geometry, have: Bitfield(count: pieceCount), seed: 1)
        picker.setOrder(FetchOrder(order), at: now)
        picker.handlePeerJoined(seed, as: .test(1))
        picker.handlePeerHas(.all)
        return picker
    }

    /// The pieces of the next `count` blocks, each once.
    private func nextPieces(_ picker: inout PiecePicker, blocks count: Int, at now: Instant = .zero) -> [Int] {
        var requests: [BlockRequest] = []
        picker.nextRequests(PickQuery(peer: seed, count: count), from: .all, at: now, into: &requests)
        return requests.reduce(into: []) { pieces, request in
            if pieces.last != request.piece.int { pieces.append(request.piece.int) }
        }
    }

    @Test("Pieces are started by level, whatever their number", arguments: [10, 64, 1_000])
    func levels(pieceCount: Int) {
        var picker = makePicker(pieceCount, LastFirst())
        let begun = nextPieces(&picker, blocks: 4 * 10)
        // Pieces of one level are equal.
        let levels = begun.map { 63 - $0 * 64 / pieceCount }
        #expect(begun.count == 10 && levels == levels.sorted())
        #expect(picker.brokenInvariants().isEmpty)
    }

    @Test("The user's priorities take precedence over levels")
    func priorities() {
        var picker = makePicker(10, LastFirst())
        picker.setPriority(.high, of: PieceIndex(0))
        picker.setPriority(.skip, of: PieceIndex(9))
        picker.setPriority(.low, of: PieceIndex(8))
        #expect(nextPieces(&picker, blocks: 40) == [0, 7, 6, 5, 4, 3, 2, 1, 8])
    }

    @Test("Levels are requested when facts change, and choices once for each piece, never for a block")
    func calls() {
        let log = CallLog()
        var picker = makePicker(100, Counting(log: log))
        var begun = nextPieces(&picker, blocks: 1)
        log.reset()
        for _ in 0..<3 { #expect(nextPieces(&picker, blocks: 1) == begun) }
        #expect(log.counts == [0, 0], "the blocks of a begun piece")
        begun += nextPieces(&picker, blocks: 8)
        #expect(begun.count == 3 && log.counts == [0, 2])
        picker.handlePeerHas(PieceIndex((0..<100).first { !begun.contains($0) } ?? 0))
        #expect(log.counts == [1, 2], "one piece has become more common")
        var none: [PeerSlot] = []
        var requests: [BlockRequest] = []
        picker.nextRequests(PickQuery(peer: seed, count: 4), from: .all, at: .zero, into: &requests)
        log.reset()
        for request in requests { _ = picker.handleReceived(request, from: seed, at: .zero, cancels: &none) }
        for piece in Set(requests.map(\.piece)) { picker.handlePieceVerified(piece) }
        #expect(log.counts == [0, 0], "blocks that arrive")
    }

    @Test("If an order chooses no piece for a peer, none is started; an invalid choice starts the first")
    func choices() {
        var nobody = makePicker(10, Choosing(index: nil))
        #expect(nextPieces(&nobody, blocks: 4).isEmpty)
        for index in [-1, 16, .max] {
            var picker = makePicker(10, Choosing(index: index))
            #expect(nextPieces(&picker, blocks: 4) == [9])
        }
        var third = makePicker(10, Choosing(index: 2))
        #expect(nextPieces(&third, blocks: 4) == [7])
    }

    @Test("An order gets events, and answers with deadlines and new levels")
    func events() {
        var picker = makePicker(200, Window(), at: .zero + .seconds(Int64(5)))
        #expect(nextPieces(&picker, blocks: 8) == [0, 1])
        picker.handle(.readerMoved(100..<200), at: .zero + .seconds(Int64(6)))
        #expect(nextPieces(&picker, blocks: 8) == [100, 101], "the levels have moved")
        picker.handle(.tick, at: .zero + .seconds(Int64(60)))
        #expect(nextPieces(&picker, blocks: 4) == [150], "a deadline comes before all")
        picker.setPriority(.skip, of: PieceIndex(151))
        picker.handle(.tick, at: .zero + .seconds(Int64(61)))
        #expect(!picker.hasDeadline(PieceIndex(151)) && picker.priority(of: PieceIndex(151)) == .skip)
        #expect(picker.brokenInvariants().isEmpty)
    }

    @Test("The current order can be replaced, and later pieces have levels too")
    func changes() {
        var picker = makePicker(10, LastFirst())
        #expect(nextPieces(&picker, blocks: 4) == [9])
        picker.setOrder(.inOrder, at: .zero)
        #expect(nextPieces(&picker, blocks: 4) == [0])
        picker.setOrder(FetchOrder(LastFirst()), at: .zero)
        picker.handleGrown(to: 80 * 4 * Block.byteCount)
        #expect(nextPieces(&picker, blocks: 4) == [79])
        picker.setOrder(.rarestFirst, at: .zero)
        _ = nextPieces(&picker, blocks: 4)
        #expect(picker.buckets.own == nil && picker.brokenInvariants().isEmpty)
    }
}

/// Counts how often an order is asked.
private final class CallLog: Sendable {
    private let calls = Mutex([0, 0])

    /// Calls of `level` and of `choose`.
    var counts: [Int] { calls.withLock { $0 } }

    func reset() { calls.withLock { $0 = [0, 0] } }
    func count(_ kind: Int) { calls.withLock { $0[kind] += 1 } }
}

private struct Counting: PieceOrder {
    let log: CallLog

    func level(of piece: PieceIndex, _ facts: PieceFacts) -> Int {
        log.count(0)
        return facts.availability
    }

    func choose(
        _ candidates: Span<PieceCandidate>,
        for peer: OrderPeer,
        at now: Instant,
        using random: inout SeededRandom
    ) -> Int? {
        log.count(1)
        return 0
    }
}

private struct Choosing: PieceOrder {
    let index: Int?

    func level(of piece: PieceIndex, _ facts: PieceFacts) -> Int { 9 - piece.int }

    func choose(
        _ candidates: Span<PieceCandidate>,
        for peer: OrderPeer,
        at now: Instant,
        using random: inout SeededRandom
    ) -> Int? { index }
}

/// Prefers what a reader needs, and with the first tick sets a deadline for a piece after that.
private struct Window: PieceOrder {
    private var start = 0
    private var tickCount = 0

    func level(of piece: PieceIndex, _ facts: PieceFacts) -> Int { piece.int < start ? 63 : piece.int - start }

    mutating func handle(_ event: OrderEvent, in batch: inout OrderBatch) {
        switch event {
        case .readerMoved(let pieces):
            start = pieces.lowerBound
            batch.reconsider(0..<batch.have.count)
        case .tick:
            batch.setDeadline(batch.now, of: PieceIndex(150 + tickCount))
            tickCount += 1
        default: break
        }
    }
}
