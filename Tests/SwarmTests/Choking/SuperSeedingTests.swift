// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Super seeding (BEP 16)")
struct SuperSeedingTests {
    private func peer(_ index: Int) -> PeerSlot { PeerSlot(rawValue: UInt32(index)) }
    private func group(_ index: Int) -> AddressGroup { IPAddress(v4: UInt32(index)).group }

    @Test("Each peer gets a different piece, and the next once its piece is seen elsewhere")
    func spreads() {
        var seeding = SuperSeeding(pieceCount: 10)
        var shown: [SuperSeeding.Revelation] = []
        for index in 0..<3 {
            seeding.handlePeerJoined(peer(index), from: group(index), having: .none(count: 10), into: &shown)
        }
        #expect(Set(shown.map(\.piece)).count == 3)
        #expect(seeding.isRevealed(shown[0].piece, to: peer(0)) && !seeding.isRevealed(shown[0].piece, to: peer(1)))
        let first = shown[0].piece
        shown = []
        seeding.handlePeerHas(first, peer: peer(0), into: &shown)
        #expect(shown.isEmpty, "the peer's own announcement is not enough")
        seeding.handlePeerHas(first, peer: peer(1), into: &shown)
        #expect(shown.map(\.peer) == [peer(0)] && shown[0].piece != first)
    }

    @Test("A lone peer gets piece after piece without waiting")
    func alone() {
        var seeding = SuperSeeding(pieceCount: 3)
        var shown: [SuperSeeding.Revelation] = []
        seeding.handlePeerJoined(peer(0), from: group(0), having: .none(count: 3), into: &shown)
        seeding.handlePeerJoined(peer(1), from: group(1), having: .none(count: 3), into: &shown)
        let first = shown[0].piece
        seeding.handlePeerLeft(peer(1), into: &shown)
        seeding.handlePeerHas(first, peer: peer(0), into: &shown)
        while let last = shown.last, shown.count < 10 {
            let count = shown.count
            seeding.handlePeerHas(last.piece, peer: peer(0), into: &shown)
            if shown.count == count { break }
        }
        #expect(
            Set(shown.filter { $0.peer == peer(0) }.map(\.piece)).count == 3 && seeding.isRevealed(first, to: peer(0))
        )
    }

    @Test("A peer is not given what it claims to have")
    func claims() {
        var seeding = SuperSeeding(pieceCount: 64)
        var shown: [SuperSeeding.Revelation] = []
        for index in 0..<3 {
            seeding.handlePeerJoined(peer(index), from: group(index), having: .none(count: 64), into: &shown)
        }
        for piece in 0..<64 { seeding.handlePeerHas(PieceIndex(piece), peer: peer(0), into: &shown) }
        let revealed = (0..<64).count { seeding.isRevealed(PieceIndex($0), to: peer(0)) }
        #expect(revealed == 1)
        // As far as we can tell, those whose pieces it claims pass them on; it does not.
        #expect(Set(shown.dropFirst(3).map(\.peer)) == [peer(1), peer(2)])
    }

    @Test("Accomplices at one address confirm nothing for each other, and no claim keeps a piece from being shown")
    func accomplices() {
        var seeding = SuperSeeding(pieceCount: 8)
        var shown: [SuperSeeding.Revelation] = []
        for index in 0..<3 {
            seeding.handlePeerJoined(peer(index), from: group(0), having: .none(count: 8), into: &shown)
        }
        seeding.handlePeerJoined(peer(3), from: group(1), having: .none(count: 8), into: &shown)
        for piece in 0..<8 {
            for index in 0..<3 { seeding.handlePeerHas(PieceIndex(piece), peer: peer(index), into: &shown) }
        }
        for index in 0..<3 {
            #expect((0..<8).count { seeding.isRevealed(PieceIndex($0), to: peer(index)) } == 1)
        }
        // The honest one is shown all pieces that it lacks, and does not starve.
        #expect((0..<8).count { seeding.isRevealed(PieceIndex($0), to: peer(3)) } > 1)
    }

    @Test("A liar that claims nearly everything does not make other peers' announcements cost a scan of all pieces")
    func liar() throws {
        let count = 1 << 20
        let work = WorkMeter()
        var seeding = SuperSeeding(pieceCount: count, work: work)
        var shown: [SuperSeeding.Revelation] = []
        var claimed = Bitfield(count: count, allSet: true)
        claimed.remove(PieceIndex(count - 1))
        seeding.handlePeerJoined(peer(0), from: group(0), having: .some(claimed), into: &shown)
        for index in 1...2 {
            seeding.handlePeerJoined(peer(index), from: group(index), having: .none(count: count), into: &shown)
        }
        let before = work.stepCount
        for _ in 0..<100 {
            let last = try #require(shown.last { $0.peer == peer(1) })
            seeding.handlePeerHas(last.piece, peer: peer(2), into: &shown)
        }
        #expect(Set(shown.filter { $0.peer == peer(1) }.map(\.piece)).count == 101)
        #expect(work.stepCount - before <= 100 * 8_192)
    }

    @Test("Seeds are shown no pieces")
    func seeds() {
        var seeding = SuperSeeding(pieceCount: 3)
        var shown: [SuperSeeding.Revelation] = []
        seeding.handlePeerJoined(peer(0), from: group(0), having: .all, into: &shown)
        seeding.handlePeerHas(PieceIndex(99), peer: peer(0), into: &shown)
        #expect(shown.isEmpty && !seeding.isRevealed(PieceIndex(0), to: peer(0)))
    }

    @Test("Pieces that only peers that left had are shown again first, and no peer waits for ever")
    func turnover() {
        let (count, peerCount) = (300, 6)
        var seeding = SuperSeeding(pieceCount: count)
        var shown: [SuperSeeding.Revelation] = []
        for index in 0..<peerCount {
            seeding.handlePeerJoined(peer(index), from: group(index), having: .none(count: count), into: &shown)
        }
        let lost = shown[0].piece
        seeding.handlePeerLeft(peer(0), into: &shown)
        seeding.handlePeerHas(shown[1].piece, peer: peer(2), into: &shown)
        #expect(shown.last == SuperSeeding.Revelation(peer: peer(1), piece: lost))
        // All peers soon announce what any of them is shown: no peer starves.
        var index = 1
        while index < shown.count {
            for other in 1..<peerCount { seeding.handlePeerHas(shown[index].piece, peer: peer(other), into: &shown) }
            index += 1
            if index == shown.count { seeding.handleTick(into: &shown) }
        }
        #expect((1..<peerCount).allSatisfy { seeding.lackCount(of: peer($0)) == 0 })
    }
}
