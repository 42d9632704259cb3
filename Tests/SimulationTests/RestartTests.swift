// SPDX-License-Identifier: Apache-2.0

import RucheStorage
import RucheTesting
import RucheWire
import Testing

@Suite struct RestartTests {
    @Test func `What was stored before a crash is not downloaded again`() throws {
        let swarm = VirtualSwarm(try Scenario.torrent(), seed: 9)
        swarm.start(1, .seed, uplink: 64)
        let leecher = swarm.start(1)[0]
        #expect(swarm.run(for: .minutes(2)) { leecher.stored.setCount > 24 })
        leecher.crash()
        swarm.run(for: .seconds(5))
        leecher.restart()
        #expect(swarm.run(for: .minutes(5)) { leecher.isComplete }, "\(leecher.summary)")
        #expect(leecher.wrongPieces.isEmpty)
        // Only the pieces that were open at the crash arrive twice.
        #expect(leecher.downloadedByteCount < (48 + 12) * 32_768)
    }

    @Test func `A magnet that crashes between metadata and layers completes`() throws {
        let torrent = try Scenario.torrent(.v2)
        let swarm = VirtualSwarm(torrent, seed: 10)
        swarm.start(1, .seed, uplink: 64)
        let leecher = swarm.start(1, .magnet(torrent.info.hashes))[0]
        for _ in 0..<5 {
            swarm.run(for: .milliseconds(400))
            leecher.crash()
            leecher.restart()
        }
        #expect(swarm.run(for: .minutes(5)) { leecher.isComplete }, "\(leecher.summary)")
        #expect(leecher.wrongPieces.isEmpty)
    }

    @Test func `A full disk stores nothing wrong`() throws {
        let torrent = try Scenario.torrent()
        let swarm = VirtualSwarm(torrent, seed: 15)
        swarm.start(1, .seed, uplink: 256)
        let store = FaultyStore(MemoryStore(torrent.info.geometry))
        store.faults.capacityBytes = 20 * 32_768
        let leecher = swarm.add(.leecher, store: store)
        leecher.start()
        swarm.run(for: .minutes(1))
        #expect(leecher.storageError?.code == .diskFull)
        #expect(leecher.stored.setCount == 20)
        store.faults.capacityBytes = nil
        #expect(swarm.run(for: .minutes(2)) { leecher.isComplete })
        #expect(leecher.wrongPieces.isEmpty)
    }
}
