// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Swarm core: ports of DHT nodes (BEP 5)")
struct DHTPortTests {
    private func bench(isPrivate: Bool = false, isOpen: Bool = true, dhtPort: UInt16 = 7_000) throws -> CoreBench {
        let torrent = try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [100_000], isPrivate: isPrivate, seed: 1)
        return isOpen
            ? CoreBench(torrent, isSeed: true, dhtPort: dhtPort) : CoreBench(torrent, dhtPort: dhtPort)
    }

    private func ports(in effects: [SwarmEffect]) -> [UInt16] {
        effects.compactMap { if case .send(_, .port(let port)) = $0 { port } else { nil } }
    }

    private func nodes(in effects: [SwarmEffect]) -> [PeerEndpoint] {
        effects.compactMap { if case .dhtNode(let node) = $0 { node } else { nil } }
    }

    private func announcesDHT(_ bench: CoreBench) -> Bool {
        bench.core.makeHandshake(for: bench.metainfo.info.hashes.wireHashes[0]).capabilities.contains(.dht)
    }

    @Test("A peer that runs a node is told of ours, after the bitfield", arguments: [true, false])
    func ours(isOpen: Bool) throws {
        let bench = try bench(isOpen: isOpen)
        #expect(announcesDHT(bench))
        _ = bench.connect(1, [.fast, .extended])
        #expect(ports(in: bench.effects) == [])
        _ = bench.connect(2, [.fast, .dht])
        #expect(ports(in: bench.effects) == [7_000])
        guard case .send(_, .haveAll) = bench.effects.first else {
            #expect(!isOpen, "the first message describes our pieces (BEP 6)")
            return
        }
    }

    @Test("A peer names one node, at its own address")
    func theirs() throws {
        let bench = try bench()
        let slot = try #require(bench.connect(1, [.fast, .dht]))
        bench.tell(.port(0), from: slot)
        #expect(nodes(in: bench.effects) == [])
        bench.tell(.port(9_000), .port(9_001), from: slot)
        #expect(nodes(in: bench.effects) == [.test(1, 9_000)])
        bench.tell(.port(9_002), from: slot)
        #expect(nodes(in: bench.effects) == [])
    }

    @Test("A private torrent's peers learn nothing, and are not believed (BEP 27)")
    func privacy() throws {
        let bench = try bench(isPrivate: true)
        #expect(!announcesDHT(bench))
        let slot = try #require(bench.connect(1, [.fast, .dht]))
        #expect(ports(in: bench.effects) == [])
        bench.tell(.port(9_000), from: slot)
        #expect(nodes(in: bench.effects) == [])
    }

    @Test("Without a node of our own, none is announced")
    func noNode() throws {
        let bench = try bench(dhtPort: 0)
        #expect(!announcesDHT(bench))
        let slot = try #require(bench.connect(1, [.fast, .dht]))
        #expect(ports(in: bench.effects) == [])
        bench.tell(.port(9_000), from: slot)
        #expect(nodes(in: bench.effects) == [])
    }
}
