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
}
