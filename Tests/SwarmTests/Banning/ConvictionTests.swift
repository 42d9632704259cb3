// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Who answers for wrong data")
struct ConvictionTests {
    private let torrent: VirtualTorrent

    init() throws {
        torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [10 * 32_768], seed: 1)
    }

    private func digests(_ piece: PieceIndex) -> [SHA256Digest] {
        (0..<torrent.info.geometry.blockCount(of: piece)).map { SHA256.hash([UInt8($0)]) }
    }

    /// `slot` delivers a whole piece, which is wrong.
    private func poison(_ bench: CoreBench, from slot: PeerSlot) throws {
        if bench.core.peers[slot]?.chokesUs == true { bench.tell(.haveAll, .unchoke, from: slot) }
        var asked = bench.requests(to: slot)
        let piece = try #require(asked.first?.piece)
        while let next = asked.first(where: { $0.piece == piece }) {
            asked.removeAll { $0 == next }
            bench.deliver(next, from: slot)
            asked += bench.requests(to: slot)
        }
        bench.judge(piece, .wrong(digests: digests(piece), areLeaves: false))
    }

    @Test("An address from which only the culprit is connected is refused, for an hour")
    func alone() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1))
        try poison(bench, from: slot)
        #expect(bench.bans == [PeerEndpoint.test(1).address])
        #expect(bench.disconnection(of: slot) == .misbehaviour(.poison))
        bench.wait(.minutes(59))
        #expect(bench.connect(1) == nil)
        bench.wait(.minutes(2))
        #expect(bench.connect(1) != nil)
    }

    @Test("Of an address that others share only the culprit goes; the address not before the third time")
    func shared() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let honest = try #require(bench.connect(1, id: 1))
        for round in 1...3 {
            let culprit = try #require(bench.connect(1, id: 2))
            try poison(bench, from: culprit)
            #expect(bench.core.peers[culprit] == nil)
            #expect((bench.core.peers[honest] == nil) == (round == 3), "round \(round)")
            #expect(bench.bans.isEmpty == (round < 3), "round \(round)")
        }
    }

    /// The pieces of `torrent` with their blocks, delivered in turn by these, who all have everything.
    private func deliver(_ bench: CoreBench, from slots: [PeerSlot]) throws -> PieceIndex {
        var asked: [(slot: PeerSlot, block: BlockRequest)] = []
        for slot in slots {
            bench.tell(.haveAll, .unchoke, from: slot)
            asked += bench.requests(to: slot).map { (slot, $0) }
        }
        for (slot, block) in asked where bench.judgements.isEmpty { bench.deliver(block, from: slot) }
        return try #require(bench.judgements.first)
    }

    @Test("A neighbour who sent other blocks of a wrong piece stays, and nobody goes before the piece is right")
    func neighbour() throws {
        var limits = SwarmLimits()
        limits.outstandingRequestsPerPeer = 1
        let small = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [32_768], seed: 1)
        let bench = CoreBench(small, isSeed: false, limits: limits)
        let culprit = try #require(bench.connect(1, id: 2))
        let honest = try #require(bench.connect(1, id: 1))
        let piece = try deliver(bench, from: [culprit, honest])
        let sources = try #require(bench.core.content?.picker.contributors(of: piece))
        #expect(Set(sources).count == 2)
        bench.judge(piece, .wrong(digests: digests(PieceIndex(0)), areLeaves: false))
        #expect(bench.bans.isEmpty && bench.isConnected(honest) && bench.isConnected(culprit))
    }

    @Test("Of several culprits of one piece none leaves an honest neighbour alone with the address's ban")
    func several() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let honest = try #require(bench.connect(1, id: 1))
        let culprits = try (2...3).map { try #require(bench.connect(1, id: $0)) }
        let sources = culprits.compactMap { bench.core.peers[$0]?.source }
        bench.batch { core, now, effects in core.convict(sources, of: PieceIndex(0), at: now, into: &effects) }
        #expect(bench.bans.isEmpty && bench.isConnected(honest))
        #expect(culprits.allSatisfy { !bench.isConnected($0) })
    }

    @Test("What is long ago does not count")
    func forgotten() throws {
        let bench = CoreBench(torrent, isSeed: false)
        for round in 1...5 {
            let honest = try #require(bench.connect(1, id: 1))
            try poison(bench, from: try #require(bench.connect(1, id: 2)))
            #expect(bench.core.peers[honest] != nil && bench.bans.isEmpty, "round \(round)")
            bench.wait(.minutes(61))
        }
    }

    @Test("A web seed is judged by its number and piece: no address is refused, and no peer there is touched")
    func webSeed() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let honest = try #require(bench.connect(1))
        let handshake = Handshake(capabilities: .fast, infoHash: torrent.info.hashes.wireHashes[0], peerID: .test(99))
        let introduction = PeerIntroduction(
            endpoint: .test(1, 80),
            isIncoming: true,
            handshake: handshake,
            speaksV2: false,
            webSeed: 3
        )
        var seed: PeerSlot?
        bench.batch { core, now, effects in seed = core.handleConnected(introduction, at: now, into: &effects) }
        try poison(bench, from: try #require(seed))
        let wrong = bench.effects.compactMap { if case .webSeedWrong(let number, _) = $0 { number } else { nil } }
        #expect(wrong == [3] && bench.bans.isEmpty)
        #expect(bench.core.peers[honest] != nil)
        #expect(bench.connect(1, id: 5) != nil)
    }

    @Test("Whoever stops short of a block's end has no part in it once somebody else has sent it")
    func overwriter() throws {
        var limits = SwarmLimits()
        limits.outstandingRequestsPerPeer = 2
        let small = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [32_768], seed: 1)
        let bench = CoreBench(small, isSeed: false, limits: limits)
        let attacker = try #require(bench.connect(1))
        bench.tell(.haveAll, .unchoke, from: attacker)
        let asked = bench.requests(to: attacker)
        #expect(asked.count == 2)
        var stuck: [BlockArrival] = []
        bench.batch { core, _, _ in stuck = asked.compactMap { core.handleBlockBegun($0, from: attacker) } }
        #expect(stuck.map(\.place) == [.piece, .piece])
        // Snubbed: its blocks are asked of others.
        bench.wait(.minutes(1))
        let honest = try #require(bench.connect(2))
        bench.tell(.haveAll, .unchoke, from: honest)
        let again = bench.requests(to: honest)
        #expect(Set(again) == Set(asked))
        for block in again {
            bench.batch { core, now, effects in
                let arrival = core.handleBlockBegun(block, from: honest)
                #expect(arrival?.place == .spare(0))
                let isKept = arrival.map { core.handleBlock($0, from: honest, at: now, into: &effects) }
                #expect(isKept == true)
            }
        }
        #expect(bench.judgements == [PieceIndex(0)])
        #expect(stuck.allSatisfy { !bench.core.isArriving($0) })
        // Its last bytes come now, and change nothing.
        bench.batch { core, now, effects in
            for arrival in stuck {
                let isKept = core.handleBlock(arrival, from: attacker, at: now, into: &effects)
                #expect(!isKept)
            }
        }
        let sources = bench.core.content?.picker.contributors(of: PieceIndex(0)) ?? []
        #expect(sources.count == 2 && sources.allSatisfy { $0 == bench.core.peers[honest]?.source })
    }
}
