// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RucheCrypto
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Bad blocks found by their leaf hashes (BEP 52)")
struct LeafInquiryTests {
    private let torrent: VirtualTorrent
    private let piece = PieceIndex(1)

    init() throws {
        torrent = try VirtualTorrent(.v2, pieceLength: 131_072, fileSizes: [3 * 131_072], seed: 1)
    }

    private func leaves(of piece: PieceIndex) -> [SHA256Digest] {
        var hasher = MerkleHasher()
        var leaves: [SHA256Digest] = []
        Array(torrent.data(of: piece)).withUnsafeBytes { hasher.appendLeaves(of: $0, to: &leaves) }
        return leaves
    }

    /// Lets two peers send four blocks each of a piece. Returns which sent which.
    private func fill(_ bench: CoreBench, _ peers: [PeerSlot]) -> [BlockRequest: PeerSlot] {
        var senders: [BlockRequest: PeerSlot] = [:]
        var one = Bitfield(count: 3)
        one.insert(piece)
        for peer in peers { bench.tell(.bitfield(ByteBuffer(bytes: one.wireBytes)), from: peer) }
        for round in 0..<2 {
            let peer = peers[round]
            bench.tell(.unchoke, from: peer)
            for block in bench.requests(to: peer).prefix(4) where senders.count < 4 * (round + 1) {
                senders[block] = peer
            }
            let mine = senders.filter { $0.value == peer }.map(\.key).sorted { $0.offset < $1.offset }
            for block in mine { bench.deliver(block, from: peer) }
            if round == 0 { bench.tell(.choke, from: peer) }
        }
        return senders
    }

    private func setUp() throws -> (bench: CoreBench, peers: [PeerSlot], senders: [BlockRequest: PeerSlot]) {
        let bench = CoreBench(torrent, isSeed: false)
        // Without BEP 6, so that a choke frees the requests.
        let peers = try [1, 2].map { try #require(bench.connect($0, [.extended], speaksV2: true)) }
        let senders = fill(bench, peers)
        try #require(senders.count == 8 && bench.judgements == [piece], "\(senders)")
        return (bench, peers, senders)
    }

    @Test("Of a piece from two peers, only the bad block is downloaded again, and only the liar is banned")
    func oneBadBlock() throws {
        let (bench, peers, senders) = try setUp()
        let bad = 5
        let badBlock = torrent.info.geometry.block(bad, of: piece)
        let liar = try #require(senders[badBlock])
        let honest = try #require(peers.first { $0 != liar })
        let liarAddress = try #require(bench.core.peers[liar]?.endpoint.address)
        var came = leaves(of: piece)
        came[bad] = SHA256.hash([1])
        bench.judge(piece, .wrong(digests: came, areLeaves: true))
        let witness = try #require(peers.first { !bench.hashRequests(to: $0).isEmpty })
        let request = bench.hashRequests(to: witness)[0]
        #expect(request.baseLayer == 0 && request.length == 8 && bench.bans.isEmpty)

        var answer = ByteBuffer()
        for leaf in leaves(of: piece) { leaf.withUnsafeBytes { _ = answer.writeBytes($0) } }
        bench.tell(.hashes(request, answer), from: witness)
        #expect(bench.bans == [liarAddress])
        #expect(bench.disconnection(of: liar) != nil && bench.disconnection(of: honest) == nil)
        var again = Set(bench.requests(to: honest))
        bench.tell(.unchoke, from: honest)
        again.formUnion(bench.requests(to: honest))
        #expect(again == [badBlock])
        bench.deliver(badBlock, from: honest)
        #expect(bench.judgements == [piece])
        bench.judge(piece, .stored(digests: []))
        #expect(bench.core.content?.picker.have[piece] == true)
    }

    @Test("Wrong leaf hashes count against their sender, and the next peer is asked")
    func lyingWitness() throws {
        let (bench, peers, _) = try setUp()
        var came = leaves(of: piece)
        came[0] = SHA256.hash([1])
        bench.judge(piece, .wrong(digests: came, areLeaves: true))
        let witness = try #require(peers.first { !bench.hashRequests(to: $0).isEmpty })
        let other = try #require(peers.first { $0 != witness })
        let request = bench.hashRequests(to: witness)[0]
        bench.tell(.hashes(request, ByteBuffer(repeating: 7, count: 8 * 32)), from: witness)
        #expect(bench.misbehaviours == [.badHashes] && bench.hashRequests(to: other) == [request])
        // No other peer is left: the whole piece is downloaded again, and no peer is banned on suspicion.
        bench.tell(.hashReject(request), from: other)
        bench.wait(SwarmTiming.tick)
        #expect(bench.bans.isEmpty && bench.core.content?.picker.isComplete(piece) == false)
    }

    @Test("A peer that sent all of a wrong piece is banned at once")
    func soleSender() throws {
        let bench = CoreBench(torrent, isSeed: false)
        let slot = try #require(bench.connect(1, speaksV2: true))
        bench.tell(.haveAll, .unchoke, from: slot)
        var judged: [PieceIndex] = []
        while judged.isEmpty, let block = bench.core.firstRequest(of: slot) {
            bench.deliver(block, from: slot)
            judged = bench.judgements
        }
        let first = try #require(judged.first)
        var came = leaves(of: first)
        came[0] = SHA256.hash([1])
        bench.judge(first, .wrong(digests: came, areLeaves: true))
        #expect(bench.bans == [PeerEndpoint.test(1).address])
    }
}

extension SwarmCore {
    fileprivate func firstRequest(of slot: PeerSlot) -> BlockRequest? { content?.picker.requests(of: slot).first }
}
