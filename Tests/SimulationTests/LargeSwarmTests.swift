// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@Suite struct LargeSwarmTests {
    @Test(arguments: SimulationSettings.seeds)
    func `Every honest peer completes, and those that poisoned it are banned`(seed: UInt64) throws {
        let large = try LargeSwarm(seed: seed)
        let isDone = large.run()
        let swarm = large.swarm
        let late = swarm.honestPeers.filter { !$0.isComplete }
        #expect(isDone, "\(replayLine(seed)): \(late.map(\.summary)) did not complete in \(large.format)")
        for peer in swarm.honestPeers {
            #expect(peer.wrongPieces.isEmpty, "\(replayLine(seed)): \(peer.name) stored wrong bytes")
            let spared = peer.poisonedBy.subtracting(peer.banned)
            #expect(spared.isEmpty, "\(replayLine(seed)): \(peer.name) did not ban \(spared), which poisoned it")
            let poisoners = Set(swarm.peers.lazy.filter { !$0.isHonest }.map(\.host.address))
            let innocent = peer.banned.subtracting(poisoners)
            #expect(innocent.isEmpty, "\(replayLine(seed)): \(peer.name) banned \(innocent), which did nothing")
        }
        print(
            "seed \(seed): \(large.format), \(swarm.now.nanoseconds / 1_000_000_000) s, \(swarm.network.eventCount) events"
        )
    }
}

extension VirtualPeer {
    /// For a failure's message.
    var summary: String {
        "\(name) \(role) has \(stored.setCount) of \(stored.count), \(connectedCount) connections, \(disconnects)"
    }
}
