// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Content that drops its beginning")
struct WindowTests {
    private let bench = ContentBench(Clay())

    @Test("Dropped pieces are neither requested, sent nor announced, and requests for them are not misbehaviour")
    func dropped() throws {
        bench.reshape(pieces: 6)
        for piece in 0..<3 { bench.judge(piece) }
        let slot = try #require(bench.connect(1))
        var greeting = ExtendedHandshake()
        greeting.extensions[.dontHave] = 7
        let block = BlockRequest(piece: PieceIndex(1), offset: 0, length: 16_384)
        bench.tell(
            .extended(id: ExtendedHandshake.id, payload: greeting.encoded()),
            .bitfield([3, 5], byteCount: 1),
            .interested,
            from: slot
        )
        bench.tick()
        bench.tell(.request(block), .unchoke, from: slot)
        #expect(bench.asked(of: slot) == [3, 5])
        bench.reshape(pieces: 6, first: 4)
        let messages = bench.sent(to: slot)
        #expect(messages.contains(.reject(block)), "its block will not be sent")
        let losses = messages.compactMap { if case .extended(7, let payload) = $0 { payload } else { nil } }
        #expect(try losses.map { try DontHaveMessage(parsing: $0).piece.int } == [0, 1, 2])
        #expect(bench.count { if case .discard(PieceIndex(3)) = $0 { true } else { false } } == 1)
        #expect(bench.peer(slot)?.download.wantedCount == 1 && bench.content?.picker.have.isEmpty == true)
        bench.tell(.request(block), from: slot)
        #expect(bench.misbehaviours.isEmpty && bench.sent(to: slot) == [.reject(block)])
    }

    @Test("A piece dropped during verification is not announced, and its memory is kept until then")
    func beingVerified() throws {
        bench.reshape(pieces: 1)
        let slot = try #require(bench.connect(1))
        bench.tell(.haveNone, .unchoke, .have(0), from: slot)
        let blocks = bench.sent(to: slot).compactMap { if case .request(let block) = $0 { block } else { nil } }
        #expect(blocks.count == 2)
        bench.batch { core, batch in
            for block in blocks {
                if let arrival = core.handleBlockBegun(block, from: slot) {
                    _ = core.handleBlock(arrival, from: slot, in: &batch)
                }
            }
        }
        let isDiscarded = { (effect: SwarmEffect) in if case .discard = effect { true } else { false } }
        bench.reshape(pieces: 2, first: 1)
        #expect(bench.count(isDiscarded) == 0)
        bench.judge(0)
        #expect(bench.count(isDiscarded) == 1 && bench.content?.picker.have.isEmpty == true)
        #expect(!bench.sent(to: slot).contains(.have(0)))
        #expect(bench.content?.picker.brokenInvariants() == [])
    }
}

@Suite("Pieces that the content creates")
struct MadePieceTests {
    private let bench = ContentBench(Clay())
    private let piece = [UInt8](repeating: 1, count: Clay.pieceLength)

    private var stored: [Int] {
        bench.effects.compactMap { if case .store(let piece, _) = $0 { piece.int } else { nil } }
    }

    @Test("A piece is announced once it is stored, and not before")
    func announcement() throws {
        let slot = try #require(bench.connect(1))
        bench.tell(.haveNone, from: slot)
        bench.command(Clay.Command.make([piece, piece]))
        #expect(stored == [0, 1] && bench.reports == [0, 1] && bench.sent(to: slot).isEmpty)
        bench.judge(0)
        #expect(bench.sent(to: slot) == [.have(0)])
        #expect(bench.content?.picker.have.indices.map(\.int) == [0])
    }

    @Test("No more bytes wait to be stored than the limit allows")
    func limit() {
        let count = ExtensionLimits.storedByteCount / Clay.pieceLength
        bench.command(Clay.Command.make(Array(repeating: piece, count: count + 1)))
        #expect(stored.count == count && bench.reports.last == -1)
        bench.judge(0)
        bench.command(Clay.Command.make([piece]))
        #expect(stored == [count])
    }

    @Test("Bytes of another length than the piece's are dropped")
    func length() {
        bench.command(Clay.Command.make([[1, 2, 3]]))
        #expect(stored.isEmpty)
    }
}

@Suite("A swarm without content")
struct EmptyContentTests {
    @Test("Peers stay for their messages, request nothing, and may announce any pieces")
    func peers() throws {
        let bench = ContentBench(EmptyContent(InfoHashes(v1: SHA1.hash([1]))))
        let slot = try #require(bench.connect(1))
        #expect(bench.sent(to: slot).first == .haveNone)
        bench.tell(.bitfield([0, 7], byteCount: 1), .have(3), .unchoke, .interested, from: slot)
        for _ in 0..<200 {
            bench.tick()
            bench.tell(.keepAlive, from: slot)
        }
        #expect(bench.isConnected(slot) && bench.misbehaviours.isEmpty && bench.asked(of: slot).isEmpty)
        #expect(!bench.isFinished && bench.isCaughtUp)
    }
}
