// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Swarm core: what peers announce and request")
struct SwarmCoreTests {
    private let torrent: VirtualTorrent

    init() throws {
        torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [10 * 32_768], seed: 1)
    }

    private func bitfield(_ pieces: Int...) -> PeerMessage {
        var bits = Bitfield(count: 10)
        for piece in pieces { bits.insert(PieceIndex(piece)) }
        return .bitfield(ByteBuffer(bytes: bits.wireBytes))
    }

    private func block(_ piece: Int, _ offset: UInt32 = 0, _ length: UInt32 = 16_384) -> BlockRequest {
        BlockRequest(piece: PieceIndex(piece), offset: offset, length: length)
    }

    // MARK: - Announcements

    @Test("A bitfield makes us interested, and an invalid one ends the connection")
    func bitfields() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let good = try #require(bench.connect(1))
        #expect(bench.sent(to: good).first == .haveNone)
        bench.tell(bitfield(2, 3), from: good)
        #expect(bench.sent(to: good) == [.interested])
        for wrong in [[UInt8](repeating: 0, count: 1), [0, 1], [0, 0, 0]] {
            let bad = try #require(bench.connect(2))
            bench.tell(.bitfield(ByteBuffer(bytes: wrong)), from: bad)
            #expect(bench.disconnection(of: bad) == .misbehaviour(.wrongBitfield), "\(wrong)")
        }
    }

    @Test("A later bitfield adds pieces to what the peer has, and removes none")
    func lateBitfield() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1, []))
        bench.tell(bitfield(2), .have(PieceIndex(3)), from: slot)
        bench.tell(bitfield(3, 4), .unchoke, from: slot)
        let pieces = Set(bench.requests(to: slot).map(\.piece.int))
        bench.wait(.seconds(1))
        #expect(pieces.union(bench.requests(to: slot).map(\.piece.int)).isSubset(of: [2, 3, 4]))
        #expect(bench.core.peers[slot]?.pieces.setCount(of: 10) == 3)
    }

    @Test("Repeated bitfields count as a flood")
    func bitfieldFlood() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1))
        for _ in 0..<90 where bench.disconnection(of: slot) == nil { bench.tell(bitfield(1), from: slot) }
        #expect(bench.disconnection(of: slot) == .misbehaviour(.floodOfHaves))
    }

    @Test("Piece indices beyond the end count against the peer")
    func outOfRange() throws {
        for message in [PeerMessage.have(PieceIndex(10)), .allowedFast(PieceIndex(99)), .suggest(PieceIndex(10))] {
            let bench = CoreBench(torrent, isSeed: false)
            let slot = try #require(bench.connect(1))
            bench.tell(message, message, from: slot)
            #expect(bench.misbehaviours == [.indexOutOfRange, .indexOutOfRange], "\(message)")
            #expect(bench.disconnection(of: slot) == .misbehaviour(.indexOutOfRange))
        }
    }

    @Test("What a peer announces before the metadata is known counts once it is")
    func earlyMessages() throws {
        let bench = CoreBench(torrent)
        let slot = try #require(bench.connect(1))
        bench.tell(bitfield(1), .have(PieceIndex(2)), .allowedFast(PieceIndex(2)), .unchoke, from: slot)
        bench.open(Bitfield(count: 10))
        #expect(bench.sent(to: slot).contains(.interested))
        #expect(Set(bench.requests(to: slot).map(\.piece.int)).isSubset(of: [1, 2]))
        #expect(!bench.requests(to: slot).isEmpty)
        // From now on it can get the metadata from us.
        let handshakes = bench.extended(ExtendedHandshake.id, to: slot)
        #expect(
            try handshakes.map { try ExtendedHandshake(parsing: $0).metadataByteCount } == [torrent.info.bytes.count]
        )
    }

    // MARK: - Our requests

    @Test("If no more pieces may be open, one that has been stored makes room at once")
    func roomForPieces() throws {
        var limits = SwarmLimits()
        limits.receiveBufferBytes = 1
        let bench = CoreBench(torrent, isSeed: false, limits: limits)
        let slot = try #require(bench.connect(1))
        bench.tell(.haveAll, .unchoke, from: slot)
        var asked = bench.requests(to: slot)
        var complete: [PieceIndex] = []
        while let block = asked.popLast() {
            bench.deliver(block, from: slot)
            asked += bench.requests(to: slot)
            complete += bench.judgements
        }
        #expect(!complete.isEmpty && complete.count < 10)
        // Nothing more happens by itself.
        bench.judge(complete[0], .stored(digests: []))
        #expect(!bench.requests(to: slot).isEmpty)
    }

    @Test("A choke without BEP 6 frees the requests, and blocks already sent do not count against the peer")
    func chokeWithoutFast() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1, []))
        bench.tell(bitfield(1), .unchoke, from: slot)
        let asked = bench.requests(to: slot)
        #expect(!asked.isEmpty)
        bench.tell(.choke, from: slot)
        for block in asked {
            bench.deliver(block, from: slot)
            #expect(bench.misbehaviours.isEmpty)
        }
        bench.deliver(asked[0], from: slot)
        #expect(bench.misbehaviours == [.unrequestedBlock])
        bench.tell(.unchoke, from: slot)
        #expect(Set(bench.requests(to: slot)) == Set(asked))
    }

    @Test("A choke with BEP 6 frees nothing until each request is rejected")
    func chokeWithFast() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1))
        let other = try #require(bench.connect(2))
        bench.tell(bitfield(1), .unchoke, from: slot)
        let asked = bench.requests(to: slot)
        bench.tell(.choke, from: slot)
        bench.tell(bitfield(1), .unchoke, from: other)
        #expect(bench.requests(to: other).isEmpty)
        bench.deliver(asked[0], from: slot)
        #expect(bench.misbehaviours.isEmpty)
        bench.tell(.reject(asked[1]), from: slot)
        #expect(bench.requests(to: other) == [asked[1]])
    }

    @Test("A peer that rejects without choking is not asked again at once")
    func rejection() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1))
        bench.tell(.haveAll, .unchoke, from: slot)
        let asked = bench.requests(to: slot)
        for block in asked { bench.tell(.reject(block), from: slot) }
        #expect(bench.requests(to: slot).isEmpty)
        bench.wait(.seconds(1))
        #expect(!bench.requests(to: slot).isEmpty)
    }

    @Test("v1 and v2 hashes that disagree about a piece are reported, and the piece is not ours")
    func disagreement() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1))
        bench.tell(.haveAll, .unchoke, from: slot)
        var asked = bench.requests(to: slot)
        while bench.judgements.isEmpty {
            bench.deliver(try #require(asked.first), from: slot)
            asked.removeFirst()
            if bench.judgements.isEmpty { asked += bench.requests(to: slot) }
        }
        let piece = try #require(bench.judgements.first)
        bench.judge(piece, .disagreement)
        #expect(bench.effects.contains { if case .contradiction(piece) = $0 { true } else { false } })
        #expect(bench.core.content?.picker.have[piece] == false && bench.bans.isEmpty)
    }

    @Test("Unrequested blocks use up a peer's budget")
    func unrequested() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1))
        bench.tell(.haveAll, from: slot)
        for count in 1...10 {
            #expect(bench.disconnection(of: slot) == nil, "after \(count - 1)")
            bench.deliver(block(0), from: slot)
        }
        #expect(bench.disconnection(of: slot) == .misbehaviour(.unrequestedBlock))
        #expect(bench.core.download.wastedByteCount == 10 * 16_384)
    }

    // MARK: - Their requests

    private func unchokedLeecher(_ bench: CoreBench) throws -> PeerSlot {
        let slot = try #require(bench.connect(1))
        bench.tell(.haveNone, .interested, from: slot)
        #expect(bench.sent(to: slot).contains(.unchoke))
        return slot
    }

    @Test("A request is queued, a cancel is answered, and a block is sent once")
    func uploads() throws {
        let bench = CoreBench(torrent, isSeed: true)
        let slot = try unchokedLeecher(bench)
        bench.tell(.request(block(0)), .request(block(1)), .cancel(block(0)), from: slot)
        let answers = bench.sent(to: slot).filter { if case .suggest = $0 { false } else { true } }
        #expect(answers == [.reject(block(0))])
        #expect(bench.core.nextUpload(for: slot) == block(1))
        #expect(bench.core.nextUpload(for: slot) == nil)
        bench.tell(.cancel(block(1)), from: slot)
        #expect(bench.sent(to: slot).isEmpty)
    }

    @Test(
        "Requests for missing pieces are refused",
        arguments: [
            BlockRequest(piece: PieceIndex(10), offset: 0, length: 16_384),
            BlockRequest(piece: PieceIndex(0), offset: 32_768, length: 1),
            BlockRequest(piece: PieceIndex(0), offset: .max, length: .max),
            BlockRequest(piece: PieceIndex(0), offset: 0, length: 0),
            BlockRequest(piece: PieceIndex(0), offset: 0, length: 1 << 20),
        ]
    )
    func requestOutOfRange(request: BlockRequest) throws {
        let bench = CoreBench(torrent, isSeed: true)
        let slot = try unchokedLeecher(bench)
        bench.tell(.request(request), from: slot)
        #expect(bench.misbehaviours == [.requestOutOfRange])
        #expect(bench.sent(to: slot) == [.reject(request)])
        #expect(bench.core.nextUpload(for: slot) == nil)
    }

    @Test("A choked peer's requests are rejected, except for its allowed-fast pieces")
    func chokedRequests() throws {
        let torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [40 * 32_768], seed: 1)
        let bench = CoreBench(torrent)
        var have = Bitfield(count: 40, allSet: true)
        have.remove(PieceIndex(39))
        bench.open(have)
        let slot = try #require(bench.connect(1))
        let allowed = bench.sent(to: slot).compactMap { if case .allowedFast(let piece) = $0 { piece } else { nil } }
        let piece = try #require(allowed.first)
        let refused = try #require(PieceIndex.all(39).first { !allowed.contains($0) })
        bench.tell(.request(block(piece.int)), .request(block(refused.int)), from: slot)
        #expect(bench.sent(to: slot) == [.reject(block(refused.int))])
        #expect(bench.core.nextUpload(for: slot) == block(piece.int))
    }

    @Test("A seed suggests pieces that no peer has to those it unchokes, and sends no others allowed-fast pieces")
    func suggestions() throws {
        let torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [40 * 32_768], seed: 1)
        let bench = CoreBench(torrent, isSeed: true)
        func suggested(to slot: PeerSlot) -> [PieceIndex] {
            bench.sent(to: slot).compactMap { if case .suggest(let piece) = $0 { piece } else { nil } }
        }
        let first = try #require(bench.connect(1))
        #expect(!bench.sent(to: first).contains { if case .allowedFast = $0 { true } else { false } })
        bench.tell(.haveNone, .interested, from: first)
        let pieces = suggested(to: first)
        #expect(pieces.count == FirstCopies.aheadCount)
        bench.tell(.request(block(pieces[0].int)), from: first)
        #expect(suggested(to: first).count == 1)
        let second = try #require(bench.connect(2))
        bench.tell(.haveNone, .interested, from: second)
        #expect(Set(suggested(to: second)).isDisjoint(with: pieces))
    }

    @Test("Super seeding claims nothing, shows a piece, and serves only that")
    func superSeeding() throws {
        let bench = CoreBench(torrent, isSeed: true, isSuperSeeding: true)
        let slot = try #require(bench.connect(1))
        #expect(bench.sent(to: slot).first == .haveNone)
        bench.tell(.haveNone, .interested, from: slot)
        bench.wait(.seconds(2))
        let shown = bench.sent(to: slot).compactMap { if case .have(let piece) = $0 { piece } else { nil } }
        try #require(shown.count == 1)
        let hidden = (shown[0].int + 1) % 10
        bench.tell(.request(block(shown[0].int)), .request(block(hidden)), from: slot)
        #expect(bench.sent(to: slot) == [.reject(block(hidden))])
        #expect(bench.core.nextUpload(for: slot) == block(shown[0].int))
    }
}
