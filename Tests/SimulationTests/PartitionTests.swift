// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@Suite struct PartitionTests {
    @Test(arguments: [30, 400])
    func `Both sides complete once the partition ends`(seconds: Int) throws {
        let swarm = VirtualSwarm(try Scenario.torrent(), seed: 6)
        let near = swarm.start(1, .seed, uplink: 32) + swarm.start(6, uplink: 32)
        let far = swarm.start(6, uplink: 32)
        swarm.run(for: .seconds(10))
        swarm.network.partition([near.map(\.host), far.map(\.host)])
        swarm.run(for: .seconds(seconds))
        #expect(!far.areComplete)
        swarm.network.heal()
        #expect(swarm.run(for: .minutes(20)) { (near + far).areComplete }, "\(far.map(\.summary))")
        #expect((near + far).areCompleteAndRight)
    }

    @Test func `All peers find each other again after all connections break`() throws {
        let swarm = VirtualSwarm(try Scenario.torrent(), seed: 8)
        swarm.start(1, .seed, uplink: 32)
        let leechers = swarm.start(6, uplink: 32)
        swarm.run(for: .seconds(10))
        swarm.network.cutAll()
        swarm.run(for: .seconds(1))
        #expect(leechers.allSatisfy { $0.connectedCount == 0 })
        #expect(swarm.run(for: .minutes(20)) { leechers.areComplete }, "\(leechers.map(\.summary))")
    }
}
