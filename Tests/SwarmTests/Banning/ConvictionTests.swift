// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Which peers are blamed for wrong data")
struct ConvictionTests {
    private let torrent: VirtualTorrent

    init() throws {
        torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [10 * 32_768], seed: 1)
    }

    private func digests(_ piece: PieceIndex) -> [SHA256Digest] {
        (0..<torrent.info.geometry.blockCount(of: piece)).map { SHA256.hash([UInt8($0)]) }
    }

    /// `slot` delivers a whole piece of wrong data.
    private func poison(_ bench: CoreBench, from slot: PeerSlot) throws {
        if bench.core.peers[slot]?.download.chokesUs == true { bench.tell(.haveAll, .unchoke, from: slot) }
        var asked = bench.requests(to: slot)
        let piece = try #require(asked.first?.piece)
        while let next = asked.first(where: { $0.piece == piece }) {
            asked.removeAll { $0 == next }
            bench.deliver(next, from: slot)
            asked += bench.requests(to: slot)
        }
        bench.judge(piece, .wrong(digests: digests(piece), areLeaves: false))
    }

    /// Lets time pass while these peers send keep-alives. Returns what is requested from them meanwhile.
    private func wait(_ bench: CoreBench, minutes: Int, with slots: [PeerSlot]) -> [BlockRequest] {
        var asked: [BlockRequest] = []
        for _ in 0..<minutes {
            for slot in slots { bench.tell(.keepAlive, from: slot) }
            bench.wait(.minutes(1))
            asked += slots.flatMap { bench.requests(to: $0) }
        }
        return asked
    }

    /// `slot` delivers a whole correct piece, rejects what else is requested from it, and chokes us.
    private func give(_ bench: CoreBench, from slot: PeerSlot) throws {
        bench.tell(.unchoke, from: slot)
        var asked = bench.requests(to: slot)
        while bench.judgements.isEmpty {
            let next = try #require(asked.first)
            asked.removeFirst()
            bench.deliver(next, from: slot)
            asked += bench.requests(to: slot)
        }
        bench.judge(try #require(bench.judgements.first), .stored(digests: []))
        asked += bench.requests(to: slot)
        bench.tell(.choke, from: slot)
        for block in asked { bench.tell(.reject(block), from: slot) }
    }

    @Test("After a conviction nothing is requested either from a neighbour that was connected before")
    func presentNeighbour() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1))
        let neighbour = try #require(bench.connect(1, from: .test(1, 50_001), id: 2))
        try poison(bench, from: slot)
        #expect(bench.isConnected(neighbour))
        bench.tell(.haveAll, .unchoke, from: neighbour)
        #expect(bench.requests(to: neighbour).isEmpty)
        #expect(wait(bench, minutes: 4, with: [neighbour]).isEmpty)
        #expect(!wait(bench, minutes: 2, with: [neighbour]).isEmpty)
    }

    @Test("After a conviction nothing is requested from an address for a while, though peers from there are let in")
    func alone() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1))
        try poison(bench, from: slot)
        #expect(bench.bans == [PeerEndpoint.test(1).address])
        #expect(bench.disconnection(of: slot) == .misbehaviour(.poison))
        let newcomer = try #require(bench.connect(1, id: 2))
        bench.tell(.haveAll, .unchoke, from: newcomer)
        #expect(bench.requests(to: newcomer).isEmpty)
        #expect(wait(bench, minutes: 4, with: [newcomer]).isEmpty)
        #expect(!wait(bench, minutes: 2, with: [newcomer]).isEmpty)
    }

    @Test("An attacker that keeps returning does not harm a neighbour that gives correct pieces")
    func shared() throws {
        let large = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [400 * 32_768], seed: 1)
        let bench = CoreBench(large, isSeed: false)
        let honest = try #require(bench.connect(1, id: 1))
        let leecher = try #require(bench.connect(1, id: 3))
        bench.tell(.haveAll, from: honest)
        try give(bench, from: honest)
        for round in 1...4 {
            let culprit = try #require(bench.connect(1, id: 2))
            try poison(bench, from: culprit)
            #expect(!bench.bans.isEmpty && !bench.isConnected(culprit), "round \(round)")
            try give(bench, from: honest)
            #expect(bench.isConnected(honest) && bench.isConnected(leecher), "round \(round)")
            _ = wait(bench, minutes: 61, with: [honest, leecher])
        }
    }

    @Test("Each conviction within an hour makes the ban longer, up to an hour; one judgement counts once")
    func longer() throws {
        let bench = CoreBench(torrent, isSeed: false)
        var lengths: [Interval] = []
        for _ in 1...4 {
            let culprits = try (2...3).map { try #require(bench.connect(1, id: $0)) }
            let sources = culprits.compactMap { bench.core.peers[$0]?.source }
            bench.batch { core, batch in core.convict(sources, of: PieceIndex(0), in: &batch) }
            lengths.append(bench.core.connections.list.banEnd(of: PeerEndpoint.test(1).address) - bench.now)
        }
        #expect(lengths == [.minutes(5), .minutes(20), .minutes(60), .minutes(60)])
    }

    @Test("For a while, no new peer at an address that sent wrong metadata is asked for any; earlier ones are")
    func metadata() throws {
        let bench = CoreBench(torrent)
        func offer(_ id: UInt8) throws -> PeerSlot {
            let slot = try #require(bench.connect(1, id: id))
            bench.greet(from: slot) {
                $0.extensions["ut_metadata"] = 3
                $0.metadataByteCount = 50_000
            }
            return slot
        }
        let neighbour = try offer(1)
        let culprit = try offer(2)
        bench.batch { core, batch in
            core.handleMisbehaviour(.badMetadata, by: culprit, in: &batch)
        }
        #expect(!bench.isConnected(culprit) && bench.isConnected(neighbour))
        let newcomer = try offer(3)
        #expect(bench.extended(3, to: newcomer).isEmpty)
        bench.batch { core, batch in core.handleClosed(neighbour, in: &batch) }
        var askedAfterMinutes = 0
        while bench.extended(3, to: newcomer).isEmpty, askedAfterMinutes < 10 {
            bench.tell(.keepAlive, from: newcomer)
            bench.wait(.minutes(1))
            askedAfterMinutes += 1
        }
        #expect((5...6).contains(askedAfterMinutes), "\(askedAfterMinutes)")
    }

    @Test("A peer with the address and id of one that left is not mistaken for it")
    func borrowedIdentity() throws {
        let small = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [32_768], seed: 1)
        let bench = CoreBench(small, isSeed: false)
        for _ in 0..<2 {
            let slot = try #require(bench.connect(1, id: 1))
            bench.tell(.haveAll, .unchoke, from: slot)
            bench.deliver(try #require(bench.requests(to: slot).first), from: slot)
            bench.batch { core, batch in core.handleClosed(slot, in: &batch) }
        }
        let sources = try #require(bench.core.content?.picker.contributors(of: PieceIndex(0)))
        #expect(sources.count == 2 && Set(sources).count == 2)
        bench.judge(PieceIndex(0), .wrong(digests: digests(PieceIndex(0)), areLeaves: false))
        #expect(bench.bans.isEmpty)
    }

    /// The pieces of `torrent` with their blocks, delivered in turn by these peers, which all have everything.
    private func deliver(_ bench: CoreBench, from slots: [PeerSlot]) throws -> PieceIndex {
        var asked: [(slot: PeerSlot, block: BlockRequest)] = []
        for slot in slots {
            bench.tell(.haveAll, .unchoke, from: slot)
            asked += bench.requests(to: slot).map { (slot, $0) }
        }
        for (slot, block) in asked where bench.judgements.isEmpty { bench.deliver(block, from: slot) }
        return try #require(bench.judgements.first)
    }

    @Test("A neighbour that sent other blocks of a wrong piece stays, and none is dropped before the piece is correct")
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

    @Test("Several culprits of one piece do not get an honest neighbour dropped")
    func several() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let honest = try #require(bench.connect(1, id: 1))
        let culprits = try (2...3).map { try #require(bench.connect(1, id: $0)) }
        let sources = culprits.compactMap { bench.core.peers[$0]?.source }
        bench.batch { core, batch in core.convict(sources, of: PieceIndex(0), in: &batch) }
        #expect(bench.bans.count == 1 && bench.isConnected(honest))
        #expect(culprits.allSatisfy { !bench.isConnected($0) })
    }

    @Test("Old convictions do not count")
    func forgotten() throws {
        let bench = CoreBench(torrent, isSeed: false)
        for round in 1...5 {
            try poison(bench, from: try #require(bench.connect(1, id: 2)))
            let length = bench.core.connections.list.banEnd(of: PeerEndpoint.test(1).address) - bench.now
            #expect(length == SwarmTiming.ban, "round \(round)")
            bench.wait(.minutes(61))
        }
    }

    @Test("A web seed is judged by its number and piece: no address is refused, and no peer there is affected")
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
        bench.batch { core, batch in seed = core.handleConnected(introduction, in: &batch) }
        try poison(bench, from: try #require(seed))
        let wrong = bench.effects.compactMap { if case .webSeedWrong(let number, _) = $0 { number } else { nil } }
        #expect(wrong == [3] && bench.bans.isEmpty)
        #expect(bench.core.peers[honest] != nil)
        #expect(bench.connect(1, id: 5) != nil)
    }

    @Test("A peer that stops before a block's end is not among its senders once another has sent it")
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
        bench.batch { core, _ in stuck = asked.compactMap { core.handleBlockBegun($0, from: attacker) } }
        #expect(stuck.map(\.place) == [.piece, .piece])
        // Snubbed: its blocks are requested from others.
        bench.wait(.minutes(1))
        let honest = try #require(bench.connect(2))
        bench.tell(.haveAll, .unchoke, from: honest)
        let again = bench.requests(to: honest)
        #expect(Set(again) == Set(asked))
        for block in again {
            bench.batch { core, batch in
                let arrival = core.handleBlockBegun(block, from: honest)
                #expect(arrival?.place == .spare(0))
                let isKept = arrival.map { core.handleBlock($0, from: honest, in: &batch) }
                #expect(isKept == true)
            }
        }
        #expect(bench.judgements == [PieceIndex(0)])
        #expect(stuck.allSatisfy { !bench.core.isArriving($0) })
        // Its last bytes come now, and change nothing.
        bench.batch { core, batch in
            for arrival in stuck {
                let isKept = core.handleBlock(arrival, from: attacker, in: &batch)
                #expect(!isKept)
            }
        }
        let sources = bench.core.content?.picker.contributors(of: PieceIndex(0)) ?? []
        #expect(sources.count == 2 && sources.allSatisfy { $0 == bench.core.peers[honest]?.source })
    }
}
