// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Piece layers from peers (BEP 52)")
struct PieceLayerDownloadTests {
    private let pieceCount = 1_200
    private let blocksPerPiece = 4
    private let tree: MerkleTree
    private let layer: [SHA256Digest]
    private let shape: MerkleShape
    private let now = Instant.zero + .seconds(100)
    private let peer = PeerSlot(rawValue: 0)
    private let other = PeerSlot(rawValue: 1)

    init() throws {
        let shape = try #require(MerkleShape(byteCount: pieceCount * blocksPerPiece * Block.byteCount))
        self.shape = shape
        layer = (0..<pieceCount).map { SHA256.hash([UInt8($0 & 255), UInt8($0 >> 8)]) }
        tree = try #require(MerkleTree(base: layer, at: 2, height: shape.height))
    }

    private func makeDownload() -> PieceLayerDownload {
        let file = PieceLayerDownload.File(root: tree.root, byteCount: pieceCount * blocksPerPiece * Block.byteCount)
        return PieceLayerDownload(files: [file], blocksPerPiece: blocksPerPiece)
    }

    private func answer(_ request: HashRequest) throws -> [SHA256Digest] {
        try tree.makeHashes(for: request.range, in: shape)
    }

    @Test("Spans are requested one at a time, and make up the whole layer")
    func valid() throws {
        var download = makeDownload()
        var spans = 0
        while let request = download.nextRequest(for: peer, at: now) {
            #expect(download.nextRequest(for: peer, at: now) == nil)
            #expect(request.length <= 512 && request.baseLayer == 2)
            spans += 1
            let progress = download.handleHashes(request, try answer(request), from: peer)
            if case .complete = progress { break }
            guard case .partial = progress else {
                Issue.record("\(progress) for \(request)")
                return
            }
        }
        #expect(download.isComplete && spans == 3)
        #expect(download.finished == [tree.root: layer])
        #expect(download.nextRequest(for: peer, at: now) == nil)
    }

    @Test("Wrong hashes have one culprit, and are requested again")
    func wrong() throws {
        var download = makeDownload()
        let asked = download.nextRequest(for: peer, at: now)
        let request = try #require(asked)
        var hashes = try answer(request)
        hashes[3] = SHA256.hash([1])
        guard case .wrong = download.handleHashes(request, hashes, from: peer) else {
            Issue.record("a wrong hash was accepted")
            return
        }
        #expect(download.nextRequest(for: other, at: now) == request)
        guard case .wrong = download.handleHashes(request, [], from: other) else {
            Issue.record("missing hashes were accepted")
            return
        }
        guard case .unexpected = download.handleHashes(request, try answer(request), from: other) else {
            Issue.record("an answer was accepted twice")
            return
        }
    }

    @Test("A peer that rejects, is late or leaves is replaced by another, and rests")
    func givingUp() throws {
        var download = makeDownload()
        let asked = download.nextRequest(for: peer, at: now)
        let first = try #require(asked)
        download.handleReject(from: peer, at: now, pause: .seconds(10))
        #expect(download.nextRequest(for: peer, at: now) == nil)
        #expect(download.nextRequest(for: other, at: now) == first)
        let later = now + .seconds(10)
        download.handleTimeouts(after: .seconds(10), at: later)
        #expect(download.nextRequest(for: other, at: later) == nil)
        #expect(download.nextRequest(for: peer, at: later) == first)
        download.handleLeft(peer)
        #expect(download.nextRequest(for: other, at: later + .seconds(10)) == first)
    }

    @Test("A file of one piece has no layer")
    func small() {
        let file = PieceLayerDownload.File(root: tree.root, byteCount: blocksPerPiece * Block.byteCount)
        var download = PieceLayerDownload(files: [file], blocksPerPiece: blocksPerPiece)
        #expect(download.isComplete && download.nextRequest(for: peer, at: now) == nil)
    }
}
