// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@Suite struct EndgameTests {
    @Test func `A slow seed does not delay the last blocks, and little arrives twice`() throws {
        let swarm = VirtualSwarm(try Scenario.torrent(pieces: 256), seed: 3)
        swarm.start(3, .seed, uplink: 256)
        let slow = swarm.start(1, .seed, uplink: 1)
        let leecher = swarm.start(1)
        #expect(swarm.run(for: .minutes(2)) { leecher.areComplete })
        #expect(leecher.areCompleteAndRight)
        // 8 MiB at 768 KiB/s take eleven seconds; the requests to the slow seed would take minutes.
        #expect(leecher.averageCompletion < 20)
        #expect(leecher[0].wastedByteCount < 20 * Block.byteCount)
        #expect(slow[0].uploadedByteCount < 16 * Block.byteCount)
    }
}
