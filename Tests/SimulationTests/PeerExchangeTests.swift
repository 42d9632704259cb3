// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@Suite struct PeerExchangeTests {
    /// A tracker that names only one other peer, so more can only come from peers.
    private func knownEndpoints(isPrivate: Bool) throws -> [Int] {
        let swarm = VirtualSwarm(try Scenario.torrent(pieces: 300, isPrivate: isPrivate), seed: 16)
        swarm.tracker.answerCount = 1
        swarm.tracker.interval = .minutes(600)
        swarm.start(1, .seed, uplink: 4)
        let leechers = swarm.start(15, uplink: 4)
        swarm.run(for: .minutes(4))
        return leechers.map { peer in peer.connectedEndpoints.count { $0.port == 6881 } }
    }

    @Test func `Peers are found by peers`() throws {
        let found = try knownEndpoints(isPrivate: false)
        #expect(found.reduce(0, +) > 30, "\(found)")
    }

    @Test func `In a private torrent peers are not found by peers`() throws {
        let found = try knownEndpoints(isPrivate: true)
        #expect(found.allSatisfy { $0 <= 1 }, "\(found)")
    }
}
