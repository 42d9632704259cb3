// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Swarm core: extended handshakes (BEP 10)")
struct SwarmCoreExtensionTests {
    private func torrent(isPrivate: Bool = false) throws -> VirtualTorrent {
        try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [10 * 32_768], isPrivate: isPrivate, seed: 1)
    }

    /// The handshake that a connecting peer gets.
    private func handshake(of bench: CoreBench) throws -> ExtendedHandshake {
        let slot = try #require(bench.connect(1))
        return try ExtendedHandshake(parsing: try #require(bench.extended(ExtendedHandshake.id, to: slot).first))
    }

    @Test("A private torrent offers no peer exchange (BEP 27)", arguments: [true, false])
    func privacy(isPrivate: Bool) throws {
        let extensions = try handshake(of: CoreBench(try torrent(isPrivate: isPrivate), isSeed: false)).extensions
        #expect((extensions[ExtensionName.peerExchange] == nil) == isPrivate)
        #expect(extensions[ExtensionName.metadata] != nil)
    }

    @Test("A seed says that it only uploads (BEP 21)", arguments: [true, false])
    func uploadOnly(isSeed: Bool) throws {
        let handshake = try handshake(of: CoreBench(try torrent(), isSeed: isSeed))
        #expect(handshake.isUploadOnly == (isSeed ? true : nil))
    }

    @Test("A later handshake contains only changes")
    func changes() throws {
        let bench = CoreBench(try torrent(), isSeed: false)
        let slot = try #require(bench.connect(1))
        bench.greet(from: slot) {
            $0.extensions = [ExtensionName.metadata: 3, ExtensionName.peerExchange: 5, ExtensionName.dontHave: 7]
        }
        bench.greet(from: slot) { $0.extensions = [ExtensionName.peerExchange: 0] }
        let known = try #require(bench.core.peers[slot]?.extensions)
        #expect(known.metadata == 3 && known.dontHave == 7 && known[.peerExchange] == 0)
        bench.greet(from: slot) { $0.extensions = [ExtensionName.dontHave: 8] }
        #expect(bench.core.peers[slot]?.extensions.metadata == 3)
        bench.greet(from: slot) { $0.extensions = [ExtensionName.peerExchange: 6] }
        bench.greet(from: slot) { $0.extensions = [ExtensionName.dontHave: 0] }
        #expect(bench.core.peers[slot]?.extensions[.peerExchange] == 6)
        #expect(bench.core.peers[slot]?.extensions.dontHave == 0)
    }
}
