// SPDX-License-Identifier: Apache-2.0

import RucheSwarm
import RucheTesting
import Testing

/// An order of pieces: the last one first.
struct LastFirst: PieceOrder {
    func level(of piece: PieceIndex, _ facts: PieceFacts) -> Int { 63 - piece.int * 64 / max(1, facts.pieceCount) }
}

@Suite("An order of pieces", .timeLimit(.minutes(2)))
struct LastFirstTests {
    @Test func keepsToTheRulesOfOrders() throws {
        #expect(try checkPieceOrder(LastFirst()).isEmpty)
    }

    @Test func theLastPiecesComeFirst() throws {
        let torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [2 << 20], seed: 1)
        let swarm = VirtualSwarm(torrent, seed: 1)
        swarm.add(.seed).start()
        let peer = swarm.add(.leecher)
        peer.order = FetchOrder(LastFirst())
        peer.start()
        swarm.run(for: .minutes(10)) { peer.stored.setCount >= 16 }
        // Pieces that any newcomer may have (BEP 6) come out of order.
        #expect(peer.stored.indices.count { $0.int < 64 - 16 - 16 } <= 4)
        #expect(swarm.run(for: .minutes(10)) { peer.isComplete })
    }

    @Test func aSessionDownloadsInThisOrder() async throws {
        try await withWorkshop { workshop in
            let seed = try await workshop.makeSeed(sizes: [700_000])
            let session = try await workshop.makeSession("leech")
            var options = AddOptions(peers: seed.session.endpoints)
            options.order = FetchOrder(LastFirst())
            try await session.add(seed.metainfo, options: options).finished()
            #expect(try workshop.bytes(of: "leech/content/0") == workshop.bytes(of: "seed/content/0"))
        }
    }
}
