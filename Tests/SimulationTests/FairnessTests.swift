// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import RucheWire
import Testing

@Suite struct FairnessTests {
    @Test func `A hundred equals stay within a few times the lower bound`() throws {
        let pieces = 128
        let uplink = 64
        let swarm = VirtualSwarm(try Scenario.torrent(pieces: pieces), seed: 22)
        swarm.limits.peersPerTorrent = 40
        let seed = swarm.start(1, .seed, uplink: uplink)[0]
        let leechers = swarm.start(100, uplink: uplink)
        #expect(swarm.run(for: .minutes(20)) { leechers.areComplete })
        // Fluid bound: all of it has to leave the seed once, and a hundred copies have to leave 101 uplinks.
        #expect(leechers.areCompleteAndRight)
        let bytes = Double(pieces * 32_768)
        let bound = max(bytes, bytes * 100 / 101) / Double(uplink << 10)
        let last = leechers.compactMap(\.completedAt).max().map { ($0 - .zero).seconds } ?? .infinity
        let first = leechers.compactMap(\.completedAt).min().map { ($0 - .zero).seconds } ?? .infinity
        print("fluid bound \(bound) s; first \(first) s, average \(leechers.averageCompletion) s, last \(last) s")
        print("the seed sent \(Double(seed.uploadedByteCount) / bytes) copies")
        #expect(last < 6 * bound)
    }
}
