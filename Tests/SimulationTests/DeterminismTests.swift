// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@Suite struct DeterminismTests {
    private func trace(_ seed: UInt64) throws -> TraceHash {
        let large = try LargeSwarm(seed: seed)
        large.swarm.run(for: .seconds(60))
        return large.swarm.network.trace
    }

    @Test func `The same seed gives the same run, and another one a different run`() throws {
        let first = try trace(1)
        #expect(try trace(1) == first)
        #expect(try trace(2) != first)
    }

    @Test func `A finished swarm leaves nothing in memory`() throws {
        weak var stream: VirtualStream?
        weak var peer: VirtualPeer?
        do {
            let swarm = VirtualSwarm(try Scenario.torrent(), seed: 1)
            peer = swarm.start(2)[0]
            let host = swarm.network.addHost()
            host.listen(on: 9) { stream = $0 }
            swarm.network.addHost().dial(PeerEndpoint(address: host.address, port: 9)) { _ in }
            swarm.run(for: .seconds(Int64(5)))
            #expect(stream != nil && peer?.connectedCount == 1)
        }
        #expect(stream == nil && peer == nil)
    }
}
