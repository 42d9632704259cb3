// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

/// Several peers at one address.
@Suite("Upload slots by address")
struct ChokerGroupTests {
    @Test("A crowd at one address gives a seed's slot to another address at the next round", arguments: [true, false])
    func crowd(reconnects: Bool) {
        var table = ChokeTable(slots: .fixed(8), count: 151)
        table.gather(1...150)
        table.candidates[0].isInterested = false
        for _ in 0..<30 {
            table.round(SeedingPolicy())
            #expect(table.unchoked.count == 8, "they have the slots while no other peer wants one")
            if reconnects { for index in 1...150 { table.reconnect(index) } }
        }
        table.candidates[0].isInterested = true
        for _ in 0..<30 {
            if reconnects { for index in 1...150 { table.reconnect(index) } }
            table.round(SeedingPolicy())
            #expect(table.unchoked.contains(0) && table.unchoked.count == 8)
        }
    }

    @Test("Crowds at twenty addresses take turns with others, and their turns are short", arguments: [true, false])
    func crowds(reconnects: Bool) {
        var table = ChokeTable(slots: .fixed(8), count: 501)
        table.bytesPerRound = 0
        for address in 0..<20 { table.gather(stride(from: 1 + address, through: 500, by: 20)) }
        table.candidates[0].isInterested = false
        for _ in 0..<30 { table.round(SeedingPolicy()) }
        table.candidates[0].isInterested = true
        var waits: [Int] = [0]
        for _ in 0..<300 {
            for index in 1...500 where reconnects && Int.random(in: 0..<4, using: &table.random) == 0 {
                table.reconnect(index)
            }
            table.round(SeedingPolicy())
            if table.unchoked.contains(0) { waits.append(0) } else { waits[waits.count - 1] += 1 }
        }
        #expect(waits[0] <= 2, "a newcomer waits no longer than a crowded turn")
        #expect(waits.max() ?? 0 <= 6, "and 21 addresses take turns of two rounds at eight slots: \(waits)")
    }

    @Test("Neighbours have a slot each while there is room, and then share what is left")
    func neighbours() {
        var table = ChokeTable(slots: .fixed(6), count: 6)
        table.gather(0..<4)
        table.round(SeedingPolicy())
        #expect(table.unchoked == [0, 1, 2, 3, 4, 5])

        var alone = ChokeTable(slots: .fixed(2), count: 8)
        alone.bytesPerRound = 10 << 20
        alone.gather(0..<8)
        for _ in 0..<240 { alone.round(SeedingPolicy()) }
        #expect(alone.roundsUnchoked.allSatisfy { (48...72).contains($0) }, "\(alone.roundsUnchoked)")
    }

    @Test("A neighbour that reconnects does not come before one that waits")
    func patience() {
        var table = ChokeTable(slots: .fixed(1), count: 3)
        table.bytesPerRound = 10 << 20
        table.gather(0..<3)
        for _ in 0..<60 {
            table.reconnect(1)
            table.reconnect(2)
            table.round(SeedingPolicy())
        }
        #expect(table.roundsUnchoked[0] >= 20, "\(table.roundsUnchoked)")
    }

    @Test("Each neighbour earns for itself")
    func earnings() {
        var table = ChokeTable(slots: .fixed(5), count: 10)
        table.gather(0..<4)
        for index in 0..<10 { table.candidates[index].downloadBytesPerSecond = Double(10 - index) * 1_000 }
        for _ in 0..<10 {
            table.round(TitForTatPolicy())
            #expect(table.unchoked.prefix(4) == [0, 1, 2, 3])
        }
    }

    @Test("Many connections from one address are drawn as often as one")
    func draws() {
        var wins = 0
        for seed in 0..<1_000 as Range<UInt64> {
            var table = ChokeTable(slots: .fixed(2), count: 32)
            table.random = SeededRandom(seed: seed)
            table.gather(2..<32)
            table.candidates[0].downloadBytesPerSecond = 1_000
            table.round(TitForTatPolicy())
            wins += table.unchoked == [0, 1] ? 1 : 0
        }
        #expect((440...560).contains(wins), "\(wins) of 1000")
    }

    @Test("A new connection from an address that gave nothing is no newcomer")
    func newcomers() {
        var table = ChokeTable(slots: .fixed(2), count: 12)
        table.gather(2..<12)
        table.candidates[0].downloadBytesPerSecond = 1_000
        table.candidates[1].isInterested = false
        for _ in 0..<20 {
            table.round(TitForTatPolicy())
            #expect(table.unchoked.count == 2, "it has the optimistic slot while no other peer wants it")
            for index in 2..<12 { table.reconnect(index) }
        }
        table.candidates[1].isInterested = true
        table.round(TitForTatPolicy())
        #expect(table.unchoked == [0, 1])
    }

    @Test("Slots lent to one address go to another that waits, as far as they are needed")
    func lent() {
        var table = ChokeTable(slots: .fixed(5), count: 8)
        table.gather(2..<8)
        for index in 0..<2 { table.candidates[index].isInterested = false }
        table.round(TitForTatPolicy())
        #expect(table.unchoked.count == 5, "neighbours are lent all free slots")
        for index in 0..<2 { table.candidates[index].isInterested = true }
        table.round(TitForTatPolicy())
        #expect(table.unchoked.prefix(2) == [0, 1] && table.unchoked.count == 5)
    }

    @Test("A neighbour that gives something in return clears its address")
    func returned() {
        var table = ChokeTable(slots: .fixed(2), count: 2)
        table.gather(0..<2)
        table.candidates[1].isInterested = false
        table.round(TitForTatPolicy())
        let group = table.candidates[0].group
        #expect(table.unchoked == [0] && table.choker.groups[group]?.unreturnedCount == 1)
        #expect(table.choker.claim(of: table.candidates[1]) == .neighbour)
        table.candidates[0].downloadedByteCount = 1
        table.round(TitForTatPolicy())
        #expect(table.choker.groups[group]?.unreturnedCount == 0)
        #expect(table.choker.claim(of: table.candidates[1]) == .first)
    }

    @Test("Between equal peers, chance decides")
    func ties() {
        let winners = (0..<100 as Range<UInt64>).map { seed in
            var table = ChokeTable(slots: .fixed(1), count: 2)
            table.random = SeededRandom(seed: seed)
            table.round(SeedingPolicy())
            return table.unchoked
        }
        #expect((30...70).contains(winners.count { $0 == [0] }))
    }

    @Test("An address that holds a slot again is remembered from then on")
    func heldAgain() {
        var groups = GroupTurns()
        let group = IPAddress(v4: 1).group
        groups.handleHeld(group, at: .zero)
        let again = Instant.zero + GroupTurns.memory
        groups.handleHeld(group, at: again)
        groups.forgetOld(at: again + .seconds(1))
        #expect(groups[group]?.heldAt == again)
        groups.forgetOld(at: again + GroupTurns.memory + .seconds(1))
        #expect(groups.count == 0)
    }

    @Test("Addresses are forgotten after a while; if there are too many, those that have held no slot for longest")
    func memory() {
        var groups = GroupTurns()
        var now = Instant.zero
        let held = IPAddress(v4: 0).group
        for address in 0..<3_000 as Range<UInt32> {
            groups.handleHeld(held, at: now)
            groups.handleHeld(IPAddress(v4: address).group, at: now)
            groups.forgetOld(at: now)
            now = now + .milliseconds(1)
        }
        #expect(groups.count == GroupTurns.limit)
        #expect(groups[held] != nil && groups[IPAddress(v4: 1).group] == nil)
        #expect(groups[IPAddress(v4: 2_999).group] != nil)
        now = now + GroupTurns.memory + .seconds(1)
        groups.forgetOld(at: now)
        #expect(groups.count == 0)
    }
}
