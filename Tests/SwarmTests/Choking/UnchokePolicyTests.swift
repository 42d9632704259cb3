// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

/// Custom policies: they rank, and the engine enforces the rest.
struct UnchokePolicyTests {
    @Test("Our policies conform", arguments: 1...5 as ClosedRange<UInt64>)
    func ours(seed: UInt64) {
        #expect(checkUnchokePolicy(TitForTatPolicy(), seed: seed).isEmpty)
        #expect(checkUnchokePolicy(SeedingPolicy(), seed: seed).isEmpty)
        #expect(checkUnchokePolicy(Club(members: 0..<10), seed: seed).isEmpty)
    }

    @Test("Faulty policies are found")
    func faults() {
        #expect(!checkUnchokePolicy(Gullible()).isEmpty, "many connections would get all slots")
        #expect(!checkUnchokePolicy(Circular()).isEmpty, "its ranks are no order")
    }

    @Test("A peer that is not admitted gets no slot, not even a free one, and loses the one that it has")
    func admission() {
        var table = ChokeTable(slots: .fixed(8), count: 6)
        for _ in 0..<10 { table.round(Club(members: 0..<2)) }
        #expect(table.unchoked == [0, 1])
        for _ in 0..<10 { table.round(Club(members: 1..<4)) }
        #expect(table.unchoked == [1, 2, 3])
        table.fill(Club(members: 1..<5))
        #expect(table.unchoked == [1, 2, 3, 4])
    }

    @Test("A peer that is admitted without a rank gets only slots that are left over")
    func withoutRank() {
        var table = ChokeTable(slots: .fixed(2), count: 3)
        let policy = Club(members: 0..<3, ranked: 0..<2)
        for _ in 0..<10 { table.round(policy) }
        #expect(table.unchoked == [0, 1])
        table.candidates[0].isInterested = false
        table.round(policy)
        #expect(table.unchoked == [1, 2])
    }

    @Test("A favoured address gets no more slots for having many connections")
    func addresses() {
        var table = ChokeTable(slots: .fixed(4), count: 54)
        table.gather(0..<50)
        let policy = Club(members: 0..<54, ranked: 0..<54)
        for _ in 0..<20 { table.round(policy) }
        #expect(table.unchoked.count == 4)
        #expect(table.unchoked.count { $0 < 50 } == 1, "\(table.unchoked)")
    }

    @Test("A policy for only one phase leaves the other to ours")
    func halves() {
        var choker = Choker(slots: .fixed(2))
        choker.policies.seeding = Club(members: 0..<1)
        let table = ChokeTable(slots: .fixed(2), count: 4)
        for isSeed in [true, false] {
            var decisions = ChokeDecisions()
            var random = table.random
            let candidates = table.candidates
            choker.handle(
                .round,
                candidates,
                isSeed: isSeed,
                at: table.now,
                using: &random,
                into: &decisions
            )
            #expect(decisions.unchoke.count == (isSeed ? 1 : 2))
        }
    }
}

/// Admits and ranks peers by the lowest byte of their addresses, the lowest first.
private struct Club: UnchokePolicy {
    let members: Range<UInt64>
    var ranked: Range<UInt64> = 0..<256

    let hasOptimisticSlots = false

    func admits(_ candidate: UnchokeCandidate, at now: Instant) -> Bool {
        members.contains(candidate.endpoint.address.low & 255)
    }

    func rank(of candidate: UnchokeCandidate, at now: Instant) -> UInt64? {
        let number = candidate.endpoint.address.low & 255
        return ranked.contains(number) ? number : nil
    }
}

/// Ranks peers that have sent nothing, without sharing by address.
private struct Gullible: UnchokePolicy {
    let sharesSlotsByAddress = false

    func rank(of candidate: UnchokeCandidate, at now: Instant) -> Double? { -candidate.progress }
}

/// Rock, paper, scissors.
private struct Circular: UnchokePolicy {
    struct Rank: Comparable {
        let hand: Int

        static func < (a: Self, b: Self) -> Bool { (a.hand + 1) % 3 == b.hand }
    }

    func rank(of candidate: UnchokeCandidate, at now: Instant) -> Rank? {
        Rank(hand: Int(candidate.endpoint.port) % 3)
    }
}
