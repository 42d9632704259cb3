// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Hashes that peers request (BEP 52)")
struct GivenHashesTests {
    private let torrent: VirtualTorrent
    private let bench: CoreBench
    private let root: SHA256Digest
    private let layer: [SHA256Digest]

    init() throws {
        torrent = try VirtualTorrent(.v2, pieceLength: 65_536, fileSizes: [16 * 65_536], seed: 1)
        bench = CoreBench(torrent, isSeed: true)
        root = try #require(torrent.info.files.first?.root)
        layer = try #require(torrent.metainfo.pieceLayers[root])
    }

    private var layerRequest: HashRequest {
        HashRequest(root: root, baseLayer: 2, index: 0, length: 16, proofLayers: 0)
    }

    private func leafRequest(_ piece: UInt32) -> HashRequest {
        HashRequest(root: root, baseLayer: 0, index: piece * 4, length: 4, proofLayers: 0)
    }

    private var jobs: (trees: Int, leaves: [PeerSlot]) {
        var (trees, leaves) = (0, [PeerSlot]())
        for effect in bench.effects {
            switch effect {
            case .makeTree: trees += 1
            case .readLeaves(let slot, _, _): leaves.append(slot)
            default: break
            }
        }
        return (trees, leaves)
    }

    private func makeTree() {
        bench.batch { core, batch in
            core.handleTree(MerkleTree(base: layer, at: 2), of: root, in: &batch)
        }
    }

    private func finishLeaves(of piece: Int, _ request: HashRequest, to slot: PeerSlot?) {
        var hasher = MerkleHasher()
        var leaves: [SHA256Digest] = []
        Array(torrent.data(of: PieceIndex(piece))).withUnsafeBytes { hasher.appendLeaves(of: $0, to: &leaves) }
        bench.batch { core, batch in
            core.handleLeaves(leaves, of: PieceIndex(piece), for: request, to: slot, in: &batch)
        }
    }

    private func hashes(to slot: PeerSlot) -> [HashRequest] {
        bench.sent(to: slot).compactMap { if case .hashes(let request, _) = $0 { request } else { nil } }
    }

    private func connect(_ number: UInt8) throws -> PeerSlot { try #require(bench.connect(number, speaksV2: true)) }

    @Test("A tree is computed once, off the loop, for all peers that wait for it")
    func trees() throws {
        let peers = try (1...5).map { try connect(UInt8($0)) }
        var treeCount = 0
        for peer in peers {
            bench.tell(.hashRequest(layerRequest), .hashRequest(layerRequest), from: peer)
            treeCount += jobs.trees
            #expect(bench.sent(to: peer).isEmpty)
        }
        #expect(treeCount == 1)
        makeTree()
        for peer in peers { #expect(hashes(to: peer) == [layerRequest, layerRequest]) }
        bench.tell(.hashRequest(layerRequest), from: peers[0])
        #expect(hashes(to: peers[0]) == [layerRequest] && jobs.trees == 0)
    }

    @Test("Hashes that cannot be computed are rejected, and nothing is tried again and again")
    func failure() throws {
        let peer = try connect(1)
        bench.tell(.hashRequest(layerRequest), .hashRequest(layerRequest), from: peer)
        bench.batch { core, batch in core.handleTree(nil, of: root, in: &batch) }
        #expect(bench.sent(to: peer) == [.hashReject(layerRequest), .hashReject(layerRequest)])
        #expect(jobs.trees == 0)
        bench.wait(.seconds(1))
        bench.tell(.hashRequest(layerRequest), from: peer)
        #expect(jobs.trees == 1)
        makeTree()
        bench.tell(.hashRequest(leafRequest(0)), from: peer)
        #expect(jobs.leaves == [peer])
        bench.batch { core, batch in
            core.handleLeaves([], of: PieceIndex(0), for: leafRequest(0), to: peer, in: &batch)
        }
        #expect(bench.sent(to: peer) == [.hashReject(leafRequest(0))] && jobs.leaves.isEmpty)
    }

    @Test("One job per peer, and a few in total, however many peers ask")
    func leaves() throws {
        let peers = try (1...8).map { try connect(UInt8($0)) }
        bench.tell(.hashRequest(layerRequest), from: peers[0])
        makeTree()
        var running: [PeerSlot] = []
        for peer in peers {
            bench.tell(.hashRequest(leafRequest(0)), .hashRequest(leafRequest(1)), from: peer)
            running += jobs.leaves
        }
        #expect(running == Array(peers[..<4]))
        finishLeaves(of: 0, leafRequest(0), to: peers[0])
        #expect(hashes(to: peers[0]) == [leafRequest(0)])
        #expect(jobs.leaves.count == 1)
        // A job for a peer that has left counts until it is done, and no longer.
        bench.batch { core, batch in core.handleClosed(peers[1], in: &batch) }
        #expect(jobs.leaves.isEmpty)
        finishLeaves(of: 0, leafRequest(0), to: nil)
        #expect(jobs.leaves.count == 1)
        #expect(bench.core.upload.hashJobCount == 4)
    }

    @Test("Hash requests beyond the queue's limit, and invalid ones, are rejected")
    func refusals() throws {
        let peer = try connect(1)
        let wrong = HashRequest(root: root, baseLayer: 2, index: 3, length: 7, proofLayers: 0)
        bench.tell(.hashRequest(wrong), from: peer)
        #expect(bench.sent(to: peer) == [.hashReject(wrong)])
        bench.batch { core, batch in
            for _ in 0..<100 {
                core.handleMessage(.hashRequest(leafRequest(0)), from: peer, in: &batch)
            }
        }
        #expect(bench.sent(to: peer).count == 100 - SwarmLimits().hashRequestsPerPeer)
    }
}
