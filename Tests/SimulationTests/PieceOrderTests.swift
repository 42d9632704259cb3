// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import RucheWire
import Testing

/// An app's own order and unchoke policy, in whole swarms.
@Suite struct PieceOrderTests {
    /// Starts with the last piece.
    struct LastFirst: PieceOrder {
        func level(of piece: PieceIndex, _ facts: PieceFacts) -> Int { 63 - piece.int * 64 / max(1, facts.pieceCount) }
    }

    /// Lets only some addresses download.
    struct Club: UnchokePolicy {
        let members: Set<IPAddress>

        func admits(_ candidate: UnchokeCandidate, at now: Instant) -> Bool {
            members.contains(candidate.endpoint.address)
        }

        func rank(of candidate: UnchokeCandidate, at now: Instant) -> Double? { candidate.progress }
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `A peer downloads in its app's order`(seed: UInt64) throws {
        let swarm = VirtualSwarm(try Scenario.torrent(), seed: seed)
        swarm.start(2, .seed)
        let peer = swarm.add(.leecher, capacity: Scenario.link(64))
        peer.order = FetchOrder(LastFirst())
        peer.start()
        swarm.run(for: .minutes(10)) { peer.stored.setCount >= 24 }
        // Some pieces that any newcomer may have (BEP 6) come out of turn. Rarest first would give about eight.
        let early = peer.stored.indices.filter { $0.int < 48 - 24 - 8 }
        #expect(early.count <= 4 && peer.stored.setCount >= 24, "\(early), \(replayLine(seed))")
        swarm.run(for: .minutes(10)) { peer.isComplete }
        #expect(swarm.peers.areCompleteAndRight, "\(replayLine(seed))")
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `A swarm of different orders completes, with losses and peers that come and go`(seed: UInt64) throws {
        var conditions = NetworkConditions()
        conditions.cutsPerMinute = 0.2
        conditions.dialFailures = 0.1
        let swarm = VirtualSwarm(try Scenario.torrent(.hybrid), seed: seed, conditions: conditions)
        swarm.start(1, .seed)
        let orders = [FetchOrder(LastFirst()), .rarestFirst, .inOrder]
        let leechers = (0..<9).map { number in
            let peer = swarm.add(.leecher, capacity: Scenario.link(64))
            peer.order = orders[number % 3]
            peer.start()
            return peer
        }
        for round in 0..<4 {
            swarm.run(for: .seconds(Int64(5)))
            leechers[round].crash()
            swarm.run(for: .seconds(Int64(2)))
            leechers[round].restart()
        }
        swarm.run(for: .minutes(20)) { leechers.areComplete }
        #expect(leechers.areCompleteAndRight, "\(replayLine(seed))")
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `A seed serves only those that its policy admits`(seed: UInt64) throws {
        let swarm = VirtualSwarm(try Scenario.torrent(), seed: seed)
        let target = swarm.add(.seed, capacity: Scenario.link(256))
        let leechers = (0..<6).map { _ in swarm.add(.leecher, capacity: Scenario.link(64)) }
        let club = Club(members: Set(leechers.prefix(3).map(\.host.address)))
        target.unchoking = UnchokePolicies(downloading: club, seeding: club)
        for leecher in leechers { leecher.unchoking = target.unchoking }
        for peer in swarm.peers { peer.start() }
        swarm.run(for: .minutes(10)) { leechers.prefix(3).allSatisfy(\.isComplete) }
        #expect(Array(leechers.prefix(3)).areCompleteAndRight, "\(replayLine(seed))")
        swarm.run(for: .minutes(2))
        // Pieces that any peer may have while it is choked (BEP 6) are not a matter of policy.
        for stranger in leechers.suffix(3) {
            #expect(stranger.stored.setCount <= 16, "\(stranger.stored.setCount), \(replayLine(seed))")
        }
    }
}
