// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("A peer's requests are counted before they are answered")
struct AnswerTests {
    private let torrent: VirtualTorrent
    private let limits = SwarmLimits()

    init() throws {
        torrent = try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: [1_000 * 16_384], seed: 1)
    }

    private func request(_ part: Int) -> PeerMessage {
        .extended(id: OwnExtension.metadata.rawValue, payload: MetadataMessage.request(piece: part).encoded())
    }

    /// A peer that supports `ut_metadata`.
    private func connect(_ bench: CoreBench, _ number: UInt8 = 1, reads: Bool = true) throws -> PeerSlot {
        let slot = try #require(bench.connect(number))
        bench.greet(from: slot) { $0.extensions[ExtensionName.metadata] = 9 }
        if !reads { bench.neverRead.insert(slot) }
        return slot
    }

    private func byteCount(_ bench: CoreBench, to slot: PeerSlot) -> Int {
        bench.sent(to: slot).reduce(0) { $0 + $1.byteCount }
    }

    private func metadata(_ bench: CoreBench, to slot: PeerSlot) throws -> (given: Int, refused: Int) {
        let messages = try bench.extended(9, to: slot).map { try MetadataMessage(parsing: $0) }
        return (
            messages.count { if case .data = $0 { true } else { false } },
            messages.count { if case .reject = $0 { true } else { false } }
        )
    }

    // MARK: - Metadata

    @Test("A peer that reads gets every part that it requests")
    func readers() throws {
        let bench = CoreBench(torrent, isSeed: true)
        let slot = try connect(bench)
        bench.batch { core, batch in
            for index in 0..<200 { core.handleMessage(request(index % 2), from: slot, in: &batch) }
        }
        #expect(try metadata(bench, to: slot) == (200, 0))
    }

    @Test("4,000 requests at once from a peer that does not read cost no more than the limit, and end its connection")
    func burst() throws {
        let bench = CoreBench(torrent, isSeed: true)
        let slot = try connect(bench, reads: false)
        bench.batch { core, batch in
            for _ in 0..<4_000 { core.handleMessage(request(0), from: slot, in: &batch) }
        }
        #expect(byteCount(bench, to: slot) <= 2 * limits.answerBytesPerPeer + 17 * 1_024)
        let (given, refused) = try metadata(bench, to: slot)
        #expect(given == limits.answerBytesPerPeer / 16_384 + 1 || given == limits.answerBytesPerPeer / 16_384)
        #expect(refused > 0)
        #expect(bench.disconnection(of: slot) == .misbehaviour(.floodOfMessages))
    }

    @Test("Requests wait while a peer does not read, and are answered when it does")
    func waiting() throws {
        let bench = CoreBench(torrent, isSeed: true)
        let slot = try connect(bench, reads: false)
        bench.batch { core, batch in
            for _ in 0..<100 { core.handleMessage(request(0), from: slot, in: &batch) }
        }
        let first = try metadata(bench, to: slot).given
        #expect(first < 12 && bench.core.peers[slot]?.answers.count == 100 - first)
        let taken = byteCount(bench, to: slot)
        bench.neverRead = []
        bench.batch { core, batch in core.handleTaken(taken, by: slot, in: &batch) }
        #expect(try metadata(bench, to: slot) == (100 - first, 0))
    }

    // MARK: - Everything else

    @Test("Rejects stop while the peer does not read them")
    func rejects() throws {
        let bench = CoreBench(torrent, isSeed: true)
        let slot = try connect(bench, reads: false)
        let block = BlockRequest(piece: PieceIndex(0), offset: 0, length: 16_384)
        var byteCount = 0
        for _ in 0..<200 where bench.isConnected(slot) {
            bench.batch { core, batch in
                for _ in 0..<200 {
                    core.handleMessage(.request(block), from: slot, in: &batch)
                    core.handleMessage(.cancel(block), from: slot, in: &batch)
                }
            }
            byteCount += self.byteCount(bench, to: slot)
        }
        #expect(!bench.isConnected(slot))
        #expect(byteCount <= limits.unsentBytesPerPeer)
    }

    @Test("A peer that stopped reading learns of our new pieces once it reads again")
    func haves() throws {
        var limits = limits
        limits.answerBytesPerPeer = 900
        let small = CoreBench(torrent, isSeed: false, limits: limits)
        let slot = try #require(small.connect(1, [.fast]))
        small.neverRead.insert(slot)
        small.batch { core, batch in core.handleTaken(1_000, by: slot, in: &batch) }
        var told: [PieceIndex] = []
        func note() { told += small.sent(to: slot).compactMap { if case .have(let piece) = $0 { piece } else { nil } } }
        for piece in PieceIndex.all(500) {
            small.judge(piece, .stored(digests: []))
            note()
        }
        #expect(told.count == 100)
        small.neverRead = []
        small.batch { core, batch in core.handleTaken(900, by: slot, in: &batch) }
        note()
        #expect(told == Array(PieceIndex.all(500)))
    }

    @Test("Peers that connected before the metadata was known learn which pieces we have, as fast as they read")
    func resumedMagnet() throws {
        let bench = CoreBench(torrent)
        let leecher = try #require(bench.connect(1))
        let half = try #require(bench.connect(2))
        let seed = try #require(bench.connect(3))
        var bits = Bitfield(count: 1_000)
        for piece in PieceIndex.all(500) { bits.insert(piece) }
        bench.tell(.bitfield(ByteBuffer(bytes: bits.wireBytes)), from: half)
        bench.tell(.haveAll, from: seed)
        bench.neverRead = [leecher]
        var have = Bitfield(count: 1_000, allSet: true)
        have.remove(PieceIndex(999))
        bench.open(have)
        func haves(_ slot: PeerSlot) -> Int {
            bench.sent(to: slot).count { if case .have = $0 { true } else { false } }
        }
        #expect(haves(leecher) == 999 && haves(half) == 499 && haves(seed) == 0)
    }

    @Test("A peer that reads nothing is disconnected, whatever it is that waits for it")
    func overfull() throws {
        var limits = limits
        limits.unsentBytesPerPeer = 64
        let bench = CoreBench(torrent, isSeed: true, limits: limits)
        let slot = try connect(bench, reads: false)
        for _ in 0..<200 where bench.isConnected(slot) {
            bench.tell(.interested, .notInterested, from: slot)
            bench.now = bench.now + .seconds(1)
            bench.batch { core, batch in core.handleTick(in: &batch) }
        }
        #expect(!bench.isConnected(slot))
    }
}
