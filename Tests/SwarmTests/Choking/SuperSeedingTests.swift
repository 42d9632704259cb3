// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Super seeding (BEP 16)")
struct SuperSeedingTests {
    @Test("Each peer is shown a different piece, and the next one once the first was uploaded and is seen elsewhere")
    func spreads() {
        var bench = SuperSeedingBench(pieceCount: 10)
        for index in 0..<3 { bench.join(index) }
        #expect(Set(bench.shown.map(\.piece)).count == 3)
        #expect(bench.isRevealed(bench.shown[0].piece, to: 0) && !bench.isRevealed(bench.shown[0].piece, to: 1))
        let first = bench.shown[0].piece
        bench.shown = []
        bench.upload(first, to: 0)
        bench.claim(first, by: 0)
        #expect(bench.shown.isEmpty, "the peer's own announcement is not enough")
        bench.claim(first, by: 1)
        #expect(bench.shown.map(\.peer) == [bench.slot(0)] && bench.shown[0].piece != first)
    }

    @Test("A lone peer is shown piece after piece without waiting")
    func alone() {
        var bench = SuperSeedingBench(pieceCount: 3)
        bench.join(0)
        bench.join(1)
        let first = bench.shown[0].piece
        bench.leave(1)
        var piece = first
        for _ in 0..<3 {
            bench.upload(piece, to: 0)
            bench.claim(piece, by: 0)
            piece = bench.shown.last?.piece ?? piece
        }
        #expect(bench.revealedCount(to: 0) == 3)
    }

    @Test("A peer is not given what it claims, and a claim to a piece that was not uploaded reveals nothing to others")
    func claims() {
        var bench = SuperSeedingBench(pieceCount: 64)
        for index in 0..<3 { bench.join(index) }
        for piece in 0..<64 { bench.claim(PieceIndex(piece), by: 0) }
        #expect(bench.revealedCount(to: 0) <= 1)
        #expect(bench.shown.allSatisfy { $0.peer == bench.slot(0) || $0 == bench.shown[1] || $0 == bench.shown[2] })
    }

    @Test("A peer that claims the piece shown to it, of which it was sent nothing, is shown another instead")
    func claimOfItsOwn() {
        var bench = SuperSeedingBench(pieceCount: 10)
        for index in 0..<2 { bench.join(index) }
        let first = bench.shown[0].piece
        bench.claim(first, by: 0)
        #expect(!bench.isRevealed(first, to: 0) && bench.revealedCount(to: 0) == 1)
        #expect(bench.shown.count == 3 && bench.shown[2].peer == bench.slot(0))
    }

    @Test("Two addresses that confirm for each other what neither was sent may request one piece each")
    func strangers() {
        var bench = SuperSeedingBench(pieceCount: 64)
        for index in 0..<2 { bench.join(index) }
        for round in 0..<128 {
            let last = bench.shown[bench.shown.count - 1 - round % 2]
            for index in 0..<2 { bench.claim(last.piece, by: index) }
        }
        #expect(bench.revealedCount(to: 0) <= 1 && bench.revealedCount(to: 1) <= 1)
    }

    @Test("A piece of which only a block was uploaded is not confirmed")
    func part() {
        var bench = SuperSeedingBench(pieceCount: 8, blocksPerPiece: 2)
        for index in 0..<2 { bench.join(index) }
        let first = bench.shown[0].piece
        bench.upload(first, blocks: 0..<1, to: 0)
        for index in 0..<2 { bench.claim(first, by: index) }
        #expect(bench.shown.count == 2)
        bench.upload(first, blocks: 1..<2, to: 0)
        bench.claim(first, by: 1)
        #expect(bench.shown.count == 3)
    }

    @Test("A leecher whose piece nobody passes on is shown another one after a while, and may still request the first")
    func patience() {
        var bench = SuperSeedingBench(pieceCount: 8)
        for index in 0..<2 { bench.join(index) }
        let first = bench.shown[0].piece
        bench.now = bench.now + SuperSeeding.patience
        bench.upload(first, to: 0)
        bench.claim(first, by: 0)
        bench.now = bench.now + SuperSeeding.patience
        bench.tick()
        #expect(bench.revealedCount(to: 0) == 1, "the wait begins with the latest block")
        bench.now = bench.now + .seconds(1)
        bench.tick()
        #expect(bench.revealedCount(to: 0) == 2 && bench.isRevealed(first, to: 0))
    }

    @Test("Accomplices at one address confirm nothing for each other, and no claim keeps a piece from being shown")
    func accomplices() {
        var bench = SuperSeedingBench(pieceCount: 8)
        for index in 0..<3 { bench.join(index, at: 0) }
        bench.join(3)
        for leecher in bench.shown { bench.upload(leecher.piece, to: Int(leecher.peer.rawValue)) }
        for piece in 0..<8 {
            for index in 0..<3 { bench.claim(PieceIndex(piece), by: index) }
        }
        for index in 0..<3 { #expect(bench.revealedCount(to: index) == 1) }
        // The honest one is shown another piece, although the accomplices claim that they have them all.
        #expect(bench.revealedCount(to: 3) > 1)
    }

    @Test("A liar that claims nearly everything does not make other peers' announcements cost a scan of all pieces")
    func liar() throws {
        let count = 1 << 20
        var bench = SuperSeedingBench(pieceCount: count)
        var claimed = Bitfield(count: count, allSet: true)
        claimed.remove(PieceIndex(count - 1))
        bench.join(0, having: .some(claimed))
        for index in 1...2 { bench.join(index) }
        let before = bench.work.stepCount
        for _ in 0..<100 {
            let last = try #require(bench.shown.last { $0.peer == bench.slot(1) })
            bench.upload(last.piece, to: 1)
            bench.claim(last.piece, by: 2)
        }
        #expect(Set(bench.shown.filter { $0.peer == bench.slot(1) }.map(\.piece)).count == 101)
        #expect(bench.work.stepCount - before <= 100 * 8_192)
    }

    @Test("Seeds are shown no pieces")
    func seeds() {
        var bench = SuperSeedingBench(pieceCount: 3)
        bench.join(0, having: .all)
        bench.claim(PieceIndex(99), by: 0)
        #expect(bench.shown.isEmpty && !bench.isRevealed(PieceIndex(0), to: 0))
    }

    @Test("Pieces that only peers that left had are shown again first, and no peer waits for ever")
    func turnover() {
        let (count, peerCount) = (300, 6)
        var bench = SuperSeedingBench(pieceCount: count)
        for index in 0..<peerCount { bench.join(index) }
        let lost = bench.shown[0].piece
        bench.leave(0)
        bench.upload(bench.shown[1].piece, to: 1)
        bench.claim(bench.shown[1].piece, by: 2)
        #expect(bench.shown.last == SuperSeeding.Revelation(peer: bench.slot(1), piece: lost))
        // All peers soon announce what any of them is shown: no peer starves.
        var index = 1
        while index < bench.shown.count {
            bench.upload(bench.shown[index].piece, to: Int(bench.shown[index].peer.rawValue))
            for other in 1..<peerCount { bench.claim(bench.shown[index].piece, by: other) }
            index += 1
            if index == bench.shown.count { bench.tick() }
        }
        #expect((1..<peerCount).allSatisfy { bench.seeding.lackCount(of: bench.slot($0)) == 0 })
    }
}

/// A super seed and its leechers. Leechers are numbers, each with an address of its own unless one is given.
private struct SuperSeedingBench {
    let work = WorkMeter()
    var seeding: SuperSeeding
    var now = Instant.zero
    /// Everything that was shown so far.
    var shown: [SuperSeeding.Revelation] = []
    private let geometry: PieceGeometry

    init(pieceCount: Int, blocksPerPiece: Int = 1) {
        let length = blocksPerPiece * Block.byteCount
        geometry = PieceGeometry(pieceLength: length, totalSize: pieceCount * length)
        seeding = SuperSeeding(geometry, work: work)
    }

    func slot(_ index: Int) -> PeerSlot { PeerSlot(rawValue: UInt32(index)) }

    func isRevealed(_ piece: PieceIndex, to index: Int) -> Bool { seeding.isRevealed(piece, to: slot(index)) }

    func revealedCount(to index: Int) -> Int {
        PieceIndex.all(geometry.pieceCount).count { seeding.isRevealed($0, to: slot(index)) }
    }

    mutating func join(_ index: Int, at address: Int? = nil, having pieces: PeerPieces? = nil) {
        seeding.handlePeerJoined(
            slot(index),
            from: IPAddress(v4: UInt32(address ?? index)).group,
            having: pieces ?? .none(count: geometry.pieceCount),
            at: now,
            into: &shown
        )
    }

    mutating func claim(_ piece: PieceIndex, by index: Int) {
        seeding.handlePeerHas(piece, peer: slot(index), at: now, into: &shown)
    }

    /// Uploads `blocks` of `piece`, all of them if nil.
    mutating func upload(_ piece: PieceIndex, blocks: Range<Int>? = nil, to index: Int) {
        for block in blocks ?? 0..<geometry.blockCount(of: piece) {
            seeding.handleUploaded(geometry.block(block, of: piece), to: slot(index), at: now)
        }
    }

    mutating func leave(_ index: Int) { seeding.handlePeerLeft(slot(index), at: now, into: &shown) }

    mutating func tick() { seeding.handleTick(at: now, into: &shown) }
}
