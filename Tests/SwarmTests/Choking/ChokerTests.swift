// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

@testable import RucheSwarm

@Suite("Choker")
struct ChokerTests {
    @Test("The best uploaders are unchoked, and one slot in five is given in turns")
    func titForTat() {
        var table = ChokeTable(slots: .fixed(5), count: 20)
        for index in 0..<20 { table.candidates[index].downloadBytesPerSecond = Double(index) * 1_000 }
        for _ in 0..<60 {
            table.round(TitForTatPolicy())
            #expect(table.unchoked.suffix(4) == [16, 17, 18, 19])
            #expect(table.unchoked.count == 5)
        }
        #expect(table.roundsUnchoked[..<16].count { $0 > 0 } > 10, "the optimistic slot moves from peer to peer")
        #expect(table.roundsUnchoked[..<16].allSatisfy { $0.isMultiple(of: 3) }, "a turn is three rounds")
    }

    @Test("A turn ends once it gave a piece for nothing in return and another peer waits")
    func advance() throws {
        var table = ChokeTable(slots: .fixed(2), count: 6)
        table.choker.advanceByteCount = 100 << 10
        table.candidates[0].downloadBytesPerSecond = 1_000
        table.candidates[0].downloadedByteCount = 1
        table.round(TitForTatPolicy())
        let first = try #require(table.unchoked.last)
        table.round(TitForTatPolicy())
        #expect(table.unchoked == [0, first], "half a piece is not enough to trade with")
        table.round(TitForTatPolicy())
        let second = try #require(table.unchoked.last)
        #expect(table.unchoked == [0, second] && second != first, "a piece is enough")
        table.candidates[second].downloadedByteCount = 1
        for _ in 0..<2 { table.round(TitForTatPolicy()) }
        #expect(table.unchoked == [0, second], "a peer that uploads to us keeps its turn")
        for index in 1...5 where index != second { table.candidates[index].isInterested = false }
        table.candidates[second].downloadedByteCount = 0
        for _ in 0..<6 {
            table.round(TitForTatPolicy())
            #expect(table.unchoked == [0, second], "and so does a peer when no other waits")
        }
    }

    @Test("Free riders only get the optimistic slot, and come last there")
    func freeRiders() {
        var table = ChokeTable(slots: .fixed(5), count: 12)
        for index in 0..<2 { table.candidates[index].downloadBytesPerSecond = 1_000 }
        for _ in 0..<30 { table.round(TitForTatPolicy()) }
        // All ten have had a turn; from here on they share one slot.
        let before = table.roundsUnchoked
        for _ in 0..<30 {
            table.round(TitForTatPolicy())
            #expect(table.unchoked.count == 3 && table.unchoked.prefix(2) == [0, 1])
        }
        let gained = zip(table.roundsUnchoked, before).map { $0 - $1 }
        #expect(gained[0] == 30 && gained[2...].allSatisfy { $0 == 3 }, "\(gained)")
    }

    @Test("A newcomer that uploads is chosen again")
    func newcomer() {
        var table = ChokeTable(slots: .fixed(4), count: 4)
        table.round(TitForTatPolicy())
        #expect(table.unchoked.count == 4, "slots that no peer deserves are lent to peers without a turn so far")
        for index in 0..<2 { table.candidates[index].downloadBytesPerSecond = 5_000 }
        for _ in 0..<3 { table.round(TitForTatPolicy()) }
        #expect(table.unchoked.prefix(2) == [0, 1] && table.unchoked.count == 3)
    }

    @Test("New peers are three times as likely")
    func newcomersFirst() {
        var wins = 0
        for seed in 0..<1_000 as Range<UInt64> {
            var table = ChokeTable(slots: .fixed(2), count: 3)
            table.random = SeededRandom(seed: seed)
            table.candidates[0].downloadBytesPerSecond = 1_000
            table.candidates[1].connectedAt = table.now
            table.round(TitForTatPolicy())
            wins += table.unchoked == [0, 1] ? 1 : 0
        }
        #expect((700...800).contains(wins), "\(wins) of 1000 for weights of 3 to 1")
    }

    @Test("A seed gives every peer a turn")
    func seeding() {
        var table = ChokeTable(slots: .fixed(5), count: 25)
        table.bytesPerRound = 10 << 20
        for index in table.candidates.indices { table.candidates[index].progress = Double(index) / 25 }
        for _ in 0..<360 {
            table.round(SeedingPolicy())
            #expect(table.unchoked.count == 5)
        }
        // An equal share is 72 rounds each.
        #expect(table.roundsUnchoked.allSatisfy { (48...96).contains($0) }, "\(table.roundsUnchoked)")
    }

    @Test("Between rounds a free slot is filled, and no peer loses its slot")
    func vacancy() {
        var table = ChokeTable(slots: .fixed(5), count: 20)
        for index in 0..<20 { table.candidates[index].downloadBytesPerSecond = Double(index + 1) * 1_000 }
        table.round(TitForTatPolicy())
        let before = Set(table.unchoked)
        for index in 0..<20 { table.candidates[index].downloadBytesPerSecond = Double(20 - index) * 1_000 }
        table.fill(TitForTatPolicy())
        #expect(Set(table.unchoked) == before, "other peers upload more by now, but the round is not over")
        table.candidates[17].isInterested = false
        table.candidates[17].isUnchoked = false
        table.fill(TitForTatPolicy())
        #expect(Set(table.unchoked) == before.subtracting([17]).union([before.contains(0) ? 1 : 0]))
    }

    @Test("If all else is equal, peers that have just begun or are almost done come first")
    func antiLeech() {
        var table = ChokeTable(slots: .fixed(1), count: 3)
        for (index, progress) in [0.5, 0.02, 0.4].enumerated() { table.candidates[index].progress = progress }
        table.round(SeedingPolicy())
        #expect(table.unchoked == [1])
    }

    @Test("A peer that is not interested is choked")
    func interest() {
        var table = ChokeTable(slots: .fixed(1), count: 3)
        for index in 0..<3 { table.candidates[index].downloadBytesPerSecond = Double(1_002 - index) }
        table.round(TitForTatPolicy())
        #expect(table.unchoked == [0])
        table.candidates[0].isInterested = false
        table.round(TitForTatPolicy())
        #expect(table.unchoked == [1])
    }

    @Test("Without slots no peer is unchoked; automatic slots follow the rate")
    func slots() {
        var table = ChokeTable(slots: .fixed(0), count: 3)
        table.round(SeedingPolicy())
        #expect(table.unchoked.isEmpty)
        #expect(UploadSlots.count(forRateBytesPerSecond: 0) == 8)
        #expect(UploadSlots.count(forRateBytesPerSecond: 1_024 * 1_000) == 24)
        #expect(UploadSlots.count(forRateBytesPerSecond: 1e9) == 100)
    }
}
