// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Need of peers")
struct NeedOfPeersTests {
    @Test("A download with few peers and none to dial is short of them; a seed never is")
    func short() throws {
        let torrent = try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: [100_000], seed: 1)
        let bench = CoreBench(torrent, isSeed: false)
        var isShort = [bench.core.isShortOfPeers(at: bench.now)]
        bench.batch { core, batch in
            core.handleFound([.test(99)], from: .tracker, in: &batch)
        }
        bench.batch { core, batch in core.handleDialFailed(.test(99), in: &batch) }
        isShort.append(bench.core.isShortOfPeers(at: bench.now))
        for number in 1...5 as ClosedRange<UInt8> { #expect(bench.connect(number) != nil) }
        isShort.append(bench.core.isShortOfPeers(at: bench.now))
        let seed = CoreBench(torrent, isSeed: true)
        isShort.append(seed.core.isShortOfPeers(at: seed.now))
        // At first; with one that may be dialled later; with five; as a seed.
        #expect(isShort == [true, true, false, false])
    }
}
