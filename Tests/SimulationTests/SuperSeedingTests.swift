// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@Suite struct SuperSeedingSwarmTests {
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `A super seed sends little more than one copy before another is complete`(seed: UInt64) throws {
        let swarm = VirtualSwarm(try Scenario.torrent(), seed: seed)
        let superSeed = swarm.start(1, .superSeed, uplink: 64)
        let leechers = swarm.start(12, uplink: 256)
        #expect(swarm.run(for: .minutes(20)) { leechers.contains(where: \.isComplete) }, "\(replayLine(seed))")
        let copies = Double(superSeed[0].uploadedByteCount) / Double(48 * 32_768)
        #expect(copies < 1.4, "\(replayLine(seed)): \(copies) copies")
        #expect(swarm.run(for: .minutes(20)) { leechers.areComplete }, "\(replayLine(seed))")
        #expect(leechers.areCompleteAndRight)
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `Addresses that confirm for each other what nobody was sent are given little`(seed: UInt64) throws {
        let swarm = VirtualSwarm(try Scenario.torrent(), seed: seed)
        let superSeed = swarm.start(1, .superSeed, uplink: 64)[0]
        let gang = ClaimerGang(swarm, count: 3, against: superSeed.endpoint)
        swarm.run(for: .minutes(5))
        #expect(superSeed.connectedCount == gang.claimers.count)
        for claimer in gang.claimers {
            // One piece at the start, and one each time the seed's patience ends.
            #expect((1...6).contains(claimer.served.count), "\(claimer.served.count), \(replayLine(seed))")
        }
        let leechers = swarm.start(6, uplink: 256)
        #expect(swarm.run(for: .minutes(20)) { leechers.areComplete }, "\(replayLine(seed))")
        #expect(leechers.areCompleteAndRight)
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `A peer that wants nothing keeps nobody waiting for ever`(seed: UInt64) throws {
        let swarm = VirtualSwarm(try Scenario.torrent(), seed: seed)
        let superSeed = swarm.start(1, .superSeed, uplink: 64)[0]
        let idle = SlotTaker(swarm, on: swarm.network.addHost(), to: superSeed.endpoint, lasting: nil)
        idle.start()
        let leecher = swarm.start(1)
        #expect(swarm.run(for: .minutes(60)) { leecher.areComplete }, "\(replayLine(seed))")
        withExtendedLifetime(idle) {}
    }
}
