// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

@Suite struct GrowingTreeTests {
    private func leaves(_ count: Int) -> [SHA256Digest] {
        NaiveTree(leafCount: max(1, count)).leaves.prefix(count) + []
    }

    private func tree(_ leaves: [SHA256Digest]) -> GrowingTree {
        var tree = GrowingTree()
        let isAppended = tree.append(leaves)
        #expect(isAppended)
        return tree
    }

    @Test func `At every length it is the tree of the whole`() throws {
        let all = leaves(70)
        var tree = GrowingTree()
        #expect(tree.root == nil && tree.peaks.isEmpty && tree.node(at: 0, index: 0) == nil)
        for count in 1...70 {
            let isAppended = tree.append([all[count - 1]])
            #expect(isAppended)
            let whole = try #require(MerkleTree(base: Array(all[..<count])))
            #expect(tree.root == whole.root, "\(count)")
            let layers = 0...whole.height
            #expect(layers.allSatisfy { tree.nodes(at: $0) == whole.nodes(at: $0) }, "\(count)")
            #expect(tree.nodes(at: whole.height + 1).isEmpty && tree.node(at: 0, index: count) == nil)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `It does not matter in which portions it grew`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let all = leaves(3000)
        var grown = GrowingTree()
        while grown.leafCount < all.count {
            let end = min(all.count, grown.leafCount + Int.random(in: 0...200, using: &random))
            let isAppended = grown.append(Array(all[grown.leafCount..<end]))
            #expect(isAppended)
        }
        let whole = try #require(MerkleTree(base: all))
        #expect(grown == tree(all) && grown.root == whole.root)
        #expect(grown.nodes(at: 4) == whole.nodes(at: 4))
    }

    @Test func `Peaks alone determine the root, and those after the next leaf`() throws {
        let all = leaves(70)
        var peaks: [SHA256Digest] = []
        for count in 1...69 {
            peaks = try #require(GrowingTree.peaks(peaks, leafCount: count - 1, adding: all[count - 1]))
            let grown = tree(Array(all[..<count]))
            #expect(peaks == grown.peaks && peaks.count == count.nonzeroBitCount, "\(count)")
            #expect(GrowingTree.root(ofPeaks: peaks, leafCount: count) == grown.root, "\(count)")
        }
    }

    @Test func `Another number of peaks is no tree`() {
        let all = leaves(4)
        #expect(GrowingTree.root(ofPeaks: [], leafCount: 0) == nil)
        #expect(GrowingTree.root(ofPeaks: [all[0]], leafCount: 3) == nil)
        #expect(GrowingTree.root(ofPeaks: all, leafCount: 3) == nil)
        #expect(GrowingTree.root(ofPeaks: [all[0]], leafCount: -1) == nil)
        #expect(GrowingTree.root(ofPeaks: [all[0]], leafCount: .max) == nil)
        #expect(GrowingTree.peaks([], leafCount: 1, adding: all[0]) == nil)
        #expect(GrowingTree.peaks([all[0]], leafCount: MerkleLimits.maximumLeafCount, adding: all[0]) == nil)
        #expect(GrowingTree.peaks([all[0]], leafCount: -1, adding: all[0]) == nil)
    }

    @Test func `Every leaf is proven at every length`() throws {
        let all = leaves(40)
        for count in 1...40 {
            let grown = tree(Array(all[..<count]))
            let shape = try #require(grown.shape)
            let root = try #require(grown.root)
            for pair in stride(from: 0, to: count, by: 2) where shape.height > 0 {
                let range = MerkleRange(baseLayer: 0, index: pair, length: 2, provedIn: shape)
                let hashes = try grown.makeHashes(for: range)
                try range.verify(hashes, in: shape, leadTo: root)
                var wrong = hashes
                wrong[0] = SHA256Digest()
                #expect(throws: MerkleError.self) { try range.verify(wrong, in: shape, leadTo: root) }
            }
        }
        let range = MerkleRange(baseLayer: 0, index: 0, length: 2, proofLayers: 0)
        #expect(throws: MerkleError.self) { try GrowingTree().makeHashes(for: range) }
    }
}
