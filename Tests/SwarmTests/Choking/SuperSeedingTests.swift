// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Super seeding (BEP 16)")
struct SuperSeedingTests {
    private func peer(_ index: Int) -> PeerSlot { PeerSlot(rawValue: UInt32(index)) }

    @Test("Each peer gets a different piece, and the next once its piece is seen elsewhere")
    func spreads() {
        var seeding = SuperSeeding(pieceCount: 10)
        var shown: [SuperSeeding.Revelation] = []
        for index in 0..<3 { seeding.handlePeerJoined(peer(index), having: .none(count: 10), into: &shown) }
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
        seeding.handlePeerJoined(peer(0), having: .none(count: 3), into: &shown)
        seeding.handlePeerJoined(peer(1), having: .none(count: 3), into: &shown)
        let first = shown[0].piece
        seeding.handlePeerLeft(peer(1), into: &shown)
        while let last = shown.last, shown.count < 10 {
            let count = shown.count
            seeding.handlePeerHas(last.piece, peer: peer(0), into: &shown)
            if shown.count == count { break }
        }
        #expect(
            Set(shown.filter { $0.peer == peer(0) }.map(\.piece)).count == 3 && seeding.isRevealed(first, to: peer(0))
        )
    }

    @Test("Nothing is revealed to seeds")
    func seeds() {
        var seeding = SuperSeeding(pieceCount: 3)
        var shown: [SuperSeeding.Revelation] = []
        seeding.handlePeerJoined(peer(0), having: .all, into: &shown)
        seeding.handlePeerHas(PieceIndex(99), peer: peer(0), into: &shown)
        #expect(shown.isEmpty && !seeding.isRevealed(PieceIndex(0), to: peer(0)))
    }
}
