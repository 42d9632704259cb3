// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@Suite struct FreeRiderTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `Peers that share finish before those that do not`(seed: UInt64) throws {
        let swarm = VirtualSwarm(try Scenario.torrent(pieces: 64), seed: seed)
        swarm.start(1, .seed, uplink: 64)
        let sharers = swarm.start(20, uplink: 32)
        let riders = swarm.start(8, .leecher, .freeRider, uplink: 32)
        #expect(swarm.run(for: .minutes(30)) { sharers.areComplete && riders.areComplete }, "\(replayLine(seed))")
        #expect(sharers.averageCompletion < riders.averageCompletion, "\(replayLine(seed))")
        #expect(riders.allSatisfy { $0.uploadedByteCount == 0 })
    }
}
