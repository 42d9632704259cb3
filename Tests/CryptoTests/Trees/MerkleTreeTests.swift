// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

@Suite struct MerkleTreeTests {
    @Test func nodesMatchTheNaiveTree() throws {
        for leafCount in 1...70 {
            let naive = NaiveTree(leafCount: leafCount)
            let shape = try #require(MerkleShape(leafCount: leafCount))
            #expect(shape.height == naive.height)
            for base in 0...naive.height {
                let nodes = naive.dataNodes(at: base)
                #expect(shape.count(at: base) == nodes.count)
                #expect(shape.width(at: base) == naive.layers[base].count)
                let tree = try #require(MerkleTree(base: nodes, at: base))
                #expect(tree.root == naive.root)
                for layer in base...naive.height {
                    #expect(tree.nodes(at: layer) == naive.dataNodes(at: layer))
                    for (index, node) in naive.layers[layer].enumerated() {
                        #expect(tree.node(at: layer, index: index) == node)
                    }
                    #expect(tree.node(at: layer, index: naive.layers[layer].count) == nil)
                    #expect(tree.node(at: layer, index: -1) == nil)
                }
                #expect(tree.node(at: base - 1, index: 0) == nil)
                #expect(tree.node(at: naive.height + 1, index: 0) == nil)
            }
        }
    }

    @Test func padRootsAreRootsOfZeroLeaves() {
        var expected = SHA256Digest()
        for height in 0...MerkleLimits.maximumHeight {
            #expect(MerkleTree.padRoot(height: height) == expected)
            expected = SHA256.hash(expected.bytes + expected.bytes)
        }
        var hasher = MerkleHasher()
        #expect(hasher.root(of: [], levels: 5) == MerkleTree.padRoot(height: 5))
    }

    @Test func leavesAreBlockHashes() {
        let bytes = (0..<2 * MerkleTree.leafByteCount + 5).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var leaves: [SHA256Digest] = []
        var hasher = MerkleHasher()
        bytes.withUnsafeBytes { hasher.appendLeaves(of: $0, to: &leaves) }
        let block = MerkleTree.leafByteCount
        #expect(
            leaves == [0..<block, block..<2 * block, 2 * block..<bytes.count].map { SHA256.hash(Array(bytes[$0])) }
        )
    }

    @Test func treesRefuseWhatTheyCannotHold() {
        #expect(MerkleTree(base: []) == nil)
        #expect(MerkleTree(base: [SHA256Digest()], at: -1) == nil)
        #expect(MerkleTree(base: [SHA256Digest()], at: Int.max) == nil)
        #expect(MerkleTree(base: [SHA256Digest(), SHA256Digest()], height: 0) == nil)
        #expect(MerkleTree(base: [SHA256Digest()], height: MerkleLimits.maximumHeight + 1) == nil)
        #expect(MerkleShape(leafCount: 0) == nil)
        #expect(MerkleShape(leafCount: Int.max) == nil)
        #expect(MerkleShape(byteCount: 0) == nil)
        #expect(MerkleShape(byteCount: Int.max)?.height == nil)
    }

    @Test func pieceLayersFollowTheMetainfoRules() throws {
        let block = MerkleTree.leafByteCount
        for leafCount in 1...40 {
            for pieceLevels in 0...4 {
                let naive = NaiveTree(leafCount: leafCount)
                let byteCount = leafCount * block - 7
                let file = try #require(FileTree(byteCount: byteCount, pieceLength: block << pieceLevels))
                #expect(file.shape.leafCount == leafCount)
                #expect(file.hasPieceLayer == (byteCount > block << pieceLevels))
                let layer = try #require(file.makePieceLayer(fromLeaves: naive.leaves))
                #expect(layer == naive.dataNodes(at: min(pieceLevels, naive.height)))
                #expect(layer.count == file.pieceCount)
                #expect(file.root(ofPieceLayer: layer) == naive.root)
                var next = 0
                for piece in 0..<file.pieceCount {
                    let leaves = Array(naive.leaves[next..<next + file.leafCount(ofPiece: piece)])
                    #expect(file.pieceRoot(ofLeaves: leaves) == layer[piece])
                    next += leaves.count
                }
                #expect(next == leafCount)
                #expect(file.root(ofPieceLayer: layer + [SHA256Digest()]) == nil)
                #expect(file.makePieceLayer(fromLeaves: Array(naive.leaves.dropLast())) == nil)
            }
        }
    }

    @Test func filesRefuseBadPieceLengths() {
        for pieceLength in [Int.min, -1, 0, 1, 8192, 16383, 16385, 3 * 16384, Int.max] {
            #expect(FileTree(byteCount: 100, pieceLength: pieceLength) == nil)
        }
        #expect(FileTree(byteCount: 0, pieceLength: 16384) == nil)
        #expect(FileTree(byteCount: -1, pieceLength: 16384) == nil)
        #expect(FileTree(byteCount: 100, pieceLength: 16384)?.pieceRoot(ofLeaves: []) == nil)
        #expect(FileTree(byteCount: 100, pieceLength: 16384)?.leafCount(ofPiece: 1) == 0)
    }
}
