// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Banning")
struct BanningTests {
    private func digests(_ values: [UInt64]) -> [SmartBan.BlockDigest] { values.map { .init(high: $0, low: ~$0) } }
    private func addresses(_ values: [UInt32?]) -> [BlockSource?] { values.map { $0.map(BlockSource.test) } }

    @Test("A peer that sent a whole bad piece is guilty at once")
    func single() {
        var ban = SmartBan()
        var culprits: [BlockSource] = []
        ban.handlePieceFailed(
            PieceIndex(1),
            senders: addresses([5, 5]),
            digests: digests([1, 2]),
            culprits: &culprits
        )
        #expect(culprits == [.test(5)] && !ban.remembers(PieceIndex(1)))
    }

    @Test("Of several senders, those whose blocks differ from the good ones are guilty")
    func several() {
        var ban = SmartBan()
        var culprits: [BlockSource] = []
        let piece = PieceIndex(1)
        ban.handlePieceFailed(
            piece,
            senders: addresses([5, 6, nil]),
            digests: digests([1, 2, 3]),
            culprits: &culprits
        )
        ban.handlePieceFailed(piece, senders: addresses([7, 6, 8]), digests: digests([9, 2, 3]), culprits: &culprits)
        #expect(culprits.isEmpty && ban.remembers(piece))
        ban.handlePieceVerified(piece, digests: digests([1, 20, 3]), culprits: &culprits)
        #expect(culprits == [.test(6), .test(7)])
        #expect(!ban.remembers(piece))
        ban.handlePieceVerified(piece, digests: digests([0, 0, 0]), culprits: &culprits)
        #expect(culprits.count == 2)
    }

    @Test("Peers at one address are judged separately: only those whose blocks differ are guilty")
    func neighbours() {
        var ban = SmartBan()
        var culprits: [BlockSource] = []
        let sources = (1...2).map { BlockSource.peer(IPAddress(v4: 0x7f00_0005), connection: $0) }
        ban.handlePieceFailed(PieceIndex(1), senders: sources, digests: digests([1, 2]), culprits: &culprits)
        #expect(culprits.isEmpty)
        ban.handlePieceVerified(PieceIndex(1), digests: digests([9, 2]), culprits: &culprits)
        #expect(culprits == [sources[0]])
    }

    @Test("Memory is limited: the oldest piece is forgotten")
    func bounded() {
        var limits = SmartBanLimits()
        limits.blockCount = 10
        var ban = SmartBan(limits: limits)
        var culprits: [BlockSource] = []
        for piece in 0..<8 {
            let senders = addresses([1, 2, 1, 2])
            ban.handlePieceFailed(
                PieceIndex(piece),
                senders: senders,
                digests: digests([1, 2, 3, 4]),
                culprits: &culprits
            )
        }
        #expect(!ban.remembers(PieceIndex(0)) && ban.remembers(PieceIndex(7)))
        #expect((0..<8).count { ban.remembers(PieceIndex($0)) } <= 3)
    }

    @Test("Every repeated misbehaviour ends the connection, and poison ends in a ban", arguments: Misbehaviour.allCases)
    func budget(misbehaviour: Misbehaviour) {
        var budget = MisbehaviourBudget(at: .zero)
        let verdicts = (0..<10).map { _ in budget.handle(misbehaviour, at: .zero) }
        #expect(verdicts.last == (misbehaviour.isPoison ? .ban : .drop))
        #expect(verdicts == verdicts.sorted())
    }

    @Test("Rare misbehaviour is forgotten")
    func forgotten() {
        var budget = MisbehaviourBudget(at: .zero)
        for minute in 0..<100 {
            #expect(budget.handle(.unrequestedBlock, at: .zero + .minutes(minute)) == .ignore)
        }
    }
}
