// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheStorage
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Hash trees of a torrent's files (BEP 52)")
struct FileTreesTests {
    private let pieceLength = 65_536

    @Test("Every piece has its file and its node", arguments: [TorrentFormat.v2, .hybrid])
    func digests(format: TorrentFormat) throws {
        let sizes = [200_000, 10, 0, 65_536, 70_000]
        let torrent = try VirtualTorrent(format, pieceLength: pieceLength, fileSizes: sizes, seed: 3)
        let trees = FileTrees(torrent.info)
        let layers = PieceLayers(torrent.metainfo.pieceLayers)
        var hasher = MerkleHasher()
        for piece in PieceIndex.all(torrent.info.geometry.pieceCount) {
            let entry = try #require(trees.entry(of: piece))
            var leaves: [SHA256Digest] = []
            Array(torrent.data(of: piece)).withUnsafeBytes { hasher.appendLeaves(of: $0, to: &leaves) }
            #expect(trees.digest(of: piece, in: layers) == entry.tree.pieceRoot(ofLeaves: leaves), "\(piece)")
            #expect(trees.entry(of: entry.root)?.firstPiece == entry.firstPiece)
            guard let request = trees.leafRequest(for: piece) else {
                #expect(leaves.count == 1 && !entry.tree.hasPieceLayer)
                continue
            }
            #expect(trees.piece(ofLeafRequest: request) == piece)
        }
        #expect(trees.entry(of: PieceIndex(torrent.info.geometry.pieceCount)) == nil)
    }

    @Test("A request for other hashes than one piece's leaves names no piece")
    func otherRequests() throws {
        let torrent = try VirtualTorrent(.v2, pieceLength: pieceLength, fileSizes: [400_000], seed: 3)
        let trees = FileTrees(torrent.info)
        let root = try #require(torrent.info.files[0].root)
        func piece(_ base: UInt32, _ index: UInt32, _ length: UInt32) -> PieceIndex? {
            trees.piece(
                ofLeafRequest: HashRequest(root: root, baseLayer: base, index: index, length: length, proofLayers: 0)
            )
        }
        #expect(piece(0, 4, 4) == PieceIndex(1))
        #expect(piece(2, 0, 4) == nil)
        #expect(piece(0, 2, 4) == nil)
        #expect(piece(0, 4_000_000_000, 4_000_000_000) == nil)
        let flat = try VirtualTorrent(.v1, pieceLength: pieceLength, fileSizes: [9], seed: 1)
        #expect(FileTrees(flat.info).entry(of: root) == nil)
    }
}
