// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@Suite struct ConnectionTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `Two peers that dial each other at once keep one connection`(seed: UInt64) throws {
        var conditions = NetworkConditions()
        conditions.latency = .milliseconds(50)...(.milliseconds(50))
        let swarm = VirtualSwarm(try Scenario.torrent(pieces: 100), seed: seed, conditions: conditions)
        let pair = swarm.start(2, uplink: 1)
        swarm.introduce(pair[0], to: pair[1])
        swarm.introduce(pair[1], to: pair[0])
        swarm.run(for: .seconds(5))
        #expect(pair.map(\.connectedCount) == [1, 1], "\(replayLine(seed))")
        #expect(swarm.network.connectionCount == 1, "\(replayLine(seed))")
        swarm.run(for: .minutes(3))
        #expect(pair.map(\.connectedCount) == [1, 1], "\(replayLine(seed))")
    }

    @Test func `No peer stays connected to itself`() throws {
        let swarm = VirtualSwarm(try Scenario.torrent(), seed: 17)
        let peer = swarm.start(1)[0]
        swarm.introduce(peer, to: peer)
        swarm.run(for: .minutes(2))
        #expect(peer.connectedCount == 0)
    }

    @Test func `Two seeds disconnect from each other`() throws {
        let swarm = VirtualSwarm(try Scenario.torrent(.v2), seed: 18)
        let seeds = swarm.start(2, .seed)
        swarm.run(for: .minutes(3))
        #expect(seeds.allSatisfy { $0.connectedCount == 0 })
    }
}
