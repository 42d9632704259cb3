// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@Suite struct TwoPeersTests {
    @Test(arguments: [TorrentFormat.v1, .v2, .hybrid])
    func `A leecher gets everything from a seed`(format: TorrentFormat) throws {
        let torrent = try VirtualTorrent(format, pieceLength: 32_768, fileSizes: [1 << 20, 100_001, 5], seed: 1)
        let swarm = VirtualSwarm(torrent, seed: 7)
        swarm.add(.seed).start()
        let leecher = swarm.add(.leecher)
        leecher.start()
        #expect(swarm.run(for: .minutes(2)) { leecher.isComplete })
        #expect(leecher.wrongPieces.isEmpty)
        #expect(leecher.wastedByteCount == 0)
    }
}
