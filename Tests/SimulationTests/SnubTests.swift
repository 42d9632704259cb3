// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@Suite struct SnubTests {
    @Test func `What a silent peer owes comes from another`() throws {
        let swarm = VirtualSwarm(try Scenario.torrent(), seed: 5)
        swarm.start(2, .leecher, .mute)
        let leecher = swarm.start(1)[0]
        swarm.run(for: .seconds(80))
        #expect(!leecher.isComplete)
        swarm.start(1, .seed)
        #expect(swarm.run(for: .minutes(5)) { leecher.isComplete }, "\(leecher.summary)")
        #expect(leecher.misbehaviours["snubbed", default: 0] > 0)
    }
}
