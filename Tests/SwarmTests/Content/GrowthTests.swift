// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Growing content")
struct GrowthTests {
    private let bench = ContentBench(Clay())

    private func peer(_ number: UInt8 = 1) throws -> PeerSlot { try #require(bench.connect(number)) }

    @Test("A bitfield may be longer than the content that we know, or shorter")
    func bitfields() throws {
        bench.reshape(pieces: 9)
        let (ahead, behind) = (try peer(1), try peer(2))
        bench.tell(.bitfield([0, 20], byteCount: 3), .unchoke, from: ahead)
        #expect(bench.sent(to: ahead).contains(.interested) && bench.asked(of: ahead) == [0])
        bench.tell(.bitfield([1], byteCount: 1), .unchoke, from: behind)
        #expect(bench.asked(of: behind) == [1])
        bench.reshape(pieces: 21)
        #expect(bench.asked(of: ahead) == [20], "known pieces are requested from it at once")
        #expect(bench.content?.picker.availability(of: PieceIndex(20)) == 1 && bench.misbehaviours.isEmpty)
    }

    @Test("A peer's pieces beyond our end are remembered up to a limit, and those far beyond are ignored")
    func haves() throws {
        bench.reshape(pieces: 8)
        let slot = try peer()
        let last = 8 + SwarmBounds.piecesAhead - 1
        bench.tell(.haveNone, .unchoke, .have(8), .have(last), .have(last + 1), .have(Int(UInt32.max)), from: slot)
        #expect(bench.misbehaviours.isEmpty && bench.peer(slot)?.pieces.coveredCount == last + 1)
        bench.reshape(pieces: last + 2)
        #expect(bench.asked(of: slot) == [8, last])
        #expect(bench.peer(slot)?.download.wantedCount == 2)
    }

    @Test("The limit moves with our end and not with what the peer announces")
    func bound() throws {
        bench.reshape(pieces: 8)
        let slot = try peer()
        bench.tell(.haveNone, from: slot)
        for step in 1...4 { bench.tell(.have(8 + step * SwarmBounds.piecesAhead - 1), from: slot) }
        #expect(bench.peer(slot)?.pieces.coveredCount == 8 + SwarmBounds.piecesAhead)
    }

    @Test("A flood of haves beyond our end ends the connection")
    func flood() throws {
        bench.reshape(pieces: 8)
        let slot = try peer()
        for _ in 0..<400 where bench.isConnected(slot) { bench.tell(.have(Int(UInt32.max)), from: slot) }
        #expect(!bench.isConnected(slot))
    }

    @Test("'Have all' means all that exist now")
    func haveAll() throws {
        bench.reshape(pieces: 2)
        let slot = try peer()
        bench.tell(.haveAll, .unchoke, from: slot)
        #expect(bench.asked(of: slot) == [0, 1] && bench.peer(slot)?.pieces.isSeed == false)
        bench.reshape(pieces: 4)
        #expect(bench.peer(slot)?.download.wantedCount == 2)
        bench.tell(.have(2), from: slot)
        #expect(bench.peer(slot)?.download.wantedCount == 3)
    }

    @Test("Unknown suggested and allowed-fast pieces are not misbehaviour")
    func unknownPieces() throws {
        let slot = try peer()
        bench.tell(.suggest(PieceIndex(1 << 30)), .allowedFast(PieceIndex(1 << 30)), from: slot)
        #expect(bench.misbehaviours.isEmpty)
        bench.tell(.request(BlockRequest(piece: PieceIndex(5), offset: 0, length: 16_384)), from: slot)
        #expect(bench.misbehaviours == [.requestOutOfRange], "we never announced it")
    }

    @Test("A download is caught up many times, and finished once the content has ended")
    func finish() throws {
        let slot = try peer()
        bench.tell(.haveNone, .unchoke, from: slot)
        for piece in 0..<3 {
            bench.reshape(pieces: piece + 1)
            #expect(!bench.isCaughtUp)
            bench.tell(.have(piece), from: slot)
            bench.judge(piece)
            #expect(bench.isCaughtUp && !bench.isFinished && !bench.isSeed)
            #expect(bench.count { if case .completed = $0 { true } else { false } } == 0)
            bench.tick()
            #expect(bench.isConnected(slot), "more is to come")
        }
        bench.reshape(pieces: 3, isClosed: true)
        #expect(bench.isFinished && bench.isSeed)
        #expect(bench.count { if case .completed = $0 { true } else { false } } == 1)
        bench.tick()
        #expect(bench.content?.picker.seedCount == 1, "a peer with all pieces of content that has ended is a seed")
    }

    @Test("A newcomer gets our pieces as a bitfield, never as 'have all'")
    func description() throws {
        bench.reshape(pieces: 10)
        for piece in 0..<10 { bench.judge(piece) }
        let slot = try peer()
        #expect(bench.sent(to: slot).first == .bitfield(Array(0..<10), byteCount: 2))
        bench.reshape(pieces: 10, isClosed: true)
        let late = try peer(2)
        #expect(bench.sent(to: late).first == .bitfield(Array(0..<10), byteCount: 2))
    }

    @Test("Once it has ended, pieces beyond its end are misbehaviour, and a bitfield may still be shorter")
    func closed() throws {
        bench.reshape(pieces: 20, isClosed: true)
        let slot = try peer()
        bench.tell(.bitfield([1], byteCount: 1), .have(19), from: slot)
        #expect(bench.misbehaviours.isEmpty && bench.peer(slot)?.download.wantedCount == 2)
        bench.tell(.have(20), from: slot)
        #expect(bench.misbehaviours == [.indexOutOfRange])
    }

    @Test("A shape against the rules is refused, and reported once")
    func refusal() throws {
        bench.reshape(pieces: 5, first: 2)
        let old = bench.content?.shape
        let length = Clay.pieceLength
        let bad = [
            ContentShape(pieceLength: length, byteCount: 4 * length, firstPiece: 2),
            ContentShape(pieceLength: length, byteCount: 5 * length, firstPiece: 1),
            ContentShape(pieceLength: length, byteCount: 5 * length, firstPiece: 6),
            ContentShape(pieceLength: length, byteCount: 5 * length + 1, firstPiece: 2),
            ContentShape(pieceLength: 2 * length, byteCount: 6 * length, firstPiece: 2),
            ContentShape(pieceLength: length, byteCount: .max, firstPiece: 2, isClosed: true),
            ContentShape(pieceLength: length, byteCount: -1, firstPiece: 2),
            ContentShape(pieceLength: 0, byteCount: 0),
        ]
        for shape in bad {
            bench.command(Clay.Command.reshape(shape))
            let isRefused = { (effect: SwarmEffect) in if case .shapeRefused = effect { true } else { false } }
            #expect(bench.count(isRefused) == 1 && bench.content?.shape == old, "\(shape)")
            bench.command(Clay.Command.reshape(shape))
            #expect(bench.count(isRefused) == 0)
        }
        bench.reshape(pieces: 6, first: 2, isClosed: true)
        #expect(bench.content?.shape.pieceCount == 6)
        bench.reshape(pieces: 7, first: 2, isClosed: true)
        #expect(bench.content?.shape.pieceCount == 6, "nothing follows the end")
    }

    @Test("The cost of growth is in proportion to what is added", arguments: [100, 10_000])
    func cost(pieceCount: Int) throws {
        bench.reshape(pieces: pieceCount)
        for number in 1...20 as ClosedRange<UInt8> {
            bench.tell(.bitfield(Array(0..<pieceCount), byteCount: pieceCount / 8 + 1), from: try peer(number))
        }
        bench.tick()
        let before = bench.stepCount
        for step in 1...10 { bench.reshape(pieces: pieceCount + step) }
        #expect(bench.stepCount - before < 10 * 20 * 20, "\(bench.stepCount - before) steps")
    }
}
