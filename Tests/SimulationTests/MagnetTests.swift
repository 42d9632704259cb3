// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@Suite struct MagnetTests {
    @Test(arguments: [TorrentFormat.v1, .v2, .hybrid])
    func `A magnet link needs only a seed`(format: TorrentFormat) throws {
        // Enough pieces for two parts of metadata in v1, and for two spans of a layer in v2.
        let torrent = try VirtualTorrent(format, pieceLength: 16_384, fileSizes: [900 << 14, 5_000], seed: 2)
        let swarm = VirtualSwarm(torrent, seed: 19)
        swarm.start(1, .seed, uplink: 1024)
        let leecher = swarm.start(1, .magnet(torrent.info.hashes))[0]
        #expect(swarm.run(for: .minutes(5)) { leecher.isComplete }, "\(leecher.summary)")
        #expect(leecher.wrongPieces.isEmpty)
    }

    @Test(arguments: [true, false])
    func `A hybrid is found by either of its hashes`(isV1: Bool) throws {
        let torrent = try Scenario.torrent(.hybrid)
        let all = torrent.info.hashes
        let hashes = try #require(isV1 ? InfoHashes(v1: all.v1, v2: nil) : InfoHashes(v1: nil, v2: all.v2))
        let swarm = VirtualSwarm(torrent, seed: 20)
        swarm.start(1, .seed)
        let leechers = swarm.start(3, .magnet(hashes)) + swarm.start(2)
        #expect(swarm.run(for: .minutes(10)) { leechers.areComplete }, "\(leechers.map(\.summary))")
        #expect(leechers.areCompleteAndRight)
        // Once all are complete, they have nothing to send to each other.
        swarm.run(for: .minutes(2))
        #expect(leechers.allSatisfy { $0.connectedCount == 0 }, "\(leechers.map(\.connectedCount))")
    }

    @Test func `Metadata comes from a peer that started from a magnet link itself`() throws {
        let torrent = try Scenario.torrent(.v2)
        let swarm = VirtualSwarm(torrent, seed: 21)
        let seed = swarm.start(1, .seed, uplink: 256)[0]
        let first = swarm.start(1, .magnet(torrent.info.hashes))[0]
        #expect(swarm.run(for: .minutes(5)) { first.isComplete })
        seed.stop()
        let second = swarm.start(1, .magnet(torrent.info.hashes))[0]
        #expect(swarm.run(for: .minutes(5)) { second.isComplete }, "\(second.summary)")
    }
}
