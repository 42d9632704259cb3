// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import Testing

@Suite struct MerkleProofTests {
    /// For every range of every small tree, the answer matches BEP 52 and proves the expected node.
    @Test func everyRangeOfSmallTreesIsProved() throws {
        for leafCount in 1...17 {
            let naive = NaiveTree(leafCount: leafCount)
            let shape = try #require(MerkleShape(leafCount: leafCount))
            let tree = try #require(MerkleTree(base: naive.leaves))
            var validCount = 0
            for range in Self.ranges(upTo: 34, height: naive.height) {
                guard (try? range.validate(in: shape)) != nil else {
                    if (try? tree.makeHashes(for: range, in: shape)) != nil { Issue.record("served \(range)") }
                    continue
                }
                validCount += 1
                let hashes = try tree.makeHashes(for: range, in: shape)
                #expect(hashes == Self.naiveAnswer(to: range, from: naive), "\(range) of \(leafCount)")
                let (layer, index) = range.provenNode
                try range.verify(hashes, in: shape, leadTo: naive.layers[layer][index])
                Self.expectTamperingShows(range, hashes, shape, naive.layers[layer][index])
            }
            #expect(validCount > 0 || leafCount == 1)
        }
    }

    @Test func validRangesAreAlignedPowersOfTwoOrCutByTheLayersEnd() throws {
        let shape = try #require(MerkleShape(leafCount: 11))
        func isValid(_ base: Int, _ index: Int, _ length: Int, _ proofs: Int) -> Bool {
            let range = MerkleRange(baseLayer: base, index: index, length: length, proofLayers: proofs)
            return (try? range.validate(in: shape)) != nil
        }
        #expect(isValid(0, 0, 2, 3))
        #expect(isValid(0, 0, 16, 0))
        #expect(isValid(0, 0, 11, 3))
        #expect(isValid(0, 8, 3, 2))
        #expect(isValid(0, 10, 1, 2))
        #expect(isValid(1, 4, 2, 2))
        #expect(isValid(3, 0, 2, 0))
        #expect(!isValid(0, 0, 32, 0))
        #expect(!isValid(0, 0, 0, 0))
        #expect(!isValid(0, 1, 2, 0))
        #expect(!isValid(0, 4, 3, 0))
        #expect(!isValid(0, 0, 1, 0))
        #expect(!isValid(0, 12, 4, 0))
        #expect(!isValid(0, 0, 2, 4))
        #expect(!isValid(4, 0, 2, 0))
        #expect(!isValid(-1, 0, 2, 0))
        #expect(!isValid(0, -2, 2, 0))
        #expect(!isValid(0, 0, 2, -1))
        let extremes = [Int.min, -1, 0, 1, Int.max]
        for base in extremes {
            for index in extremes {
                for length in extremes { for proofs in extremes { _ = isValid(base, index, length, proofs) } }
            }
        }
    }

    @Test func leavesAreServedFromAPieceAndThePieceLayer() throws {
        let pieceLayer = 2
        let naive = NaiveTree(leafCount: 23)
        let shape = try #require(MerkleShape(leafCount: 23))
        let upper = try #require(MerkleTree(base: naive.dataNodes(at: pieceLayer), at: pieceLayer))
        let lower = try #require(MerkleTree(base: Array(naive.leaves[20...]), height: pieceLayer))
        #expect(lower.root == naive.layers[pieceLayer][5])
        for length in [2, 4] {
            let range = MerkleRange(baseLayer: 0, index: 20, length: length, provedIn: shape)
            let hashes = try upper.makeHashes(for: range, in: shape, below: 5, subtree: lower)
            try range.verify(hashes, in: shape, leadTo: naive.root)
            #expect(throws: MerkleError.unknownNode(layer: 0, index: 20)) {
                try upper.makeHashes(for: range, in: shape, below: 4, subtree: lower)
            }
            #expect(throws: MerkleError.unknownNode(layer: 0, index: 20)) {
                try upper.makeHashes(for: range, in: shape)
            }
        }
    }

    @Test func rangesOfALayerCoverItAndProveTheRoot() throws {
        for leafCount in [2, 3, 8, 9, 31, 33] {
            let naive = NaiveTree(leafCount: leafCount)
            let shape = try #require(MerkleShape(leafCount: leafCount))
            for layer in 0..<naive.height {
                let tree = try #require(MerkleTree(base: naive.dataNodes(at: layer), at: layer))
                for maximum in [2, 5, 8, 512] {
                    var nodes: [SHA256Digest] = []
                    for range in shape.makeRanges(at: layer, maximumLength: maximum) {
                        #expect(range.length <= maximum)
                        let hashes = try tree.makeHashes(for: range, in: shape)
                        try range.verify(hashes, in: shape, leadTo: naive.root)
                        nodes += hashes[..<range.length]
                    }
                    #expect(nodes.starts(with: naive.dataNodes(at: layer)))
                }
            }
            #expect(Array(shape.makeRanges(at: naive.height)).isEmpty)
            #expect(shape.makeRange(holding: leafCount, at: 0) == nil)
            #expect(shape.makeRange(holding: -1, at: 0) == nil)
            #expect(shape.makeRange(holding: 0, at: 0, maximumLength: .max)?.length == shape.width(at: 0))
        }
    }

    private static func ranges(upTo bound: Int, height: Int) -> [MerkleRange] {
        var ranges: [MerkleRange] = []
        for base in 0...height {
            for index in 0..<bound {
                for length in 0...bound {
                    for proofs in 0...height + 1 {
                        ranges.append(.init(baseLayer: base, index: index, length: length, proofLayers: proofs))
                    }
                }
            }
        }
        return ranges
    }

    /// Walks up one proof layer at a time, and leaves out siblings that follow from the hashes.
    private static func naiveAnswer(to range: MerkleRange, from tree: NaiveTree) -> [SHA256Digest] {
        var answer = Array(tree.layers[range.baseLayer][range.index..<range.index + range.length])
        var covered = range.index..<range.index + max(2, range.length)
        for layer in range.baseLayer..<range.baseLayer + range.proofLayers {
            covered = covered.lowerBound / 2..<(covered.upperBound + 1) / 2
            if covered.count == 1 { answer.append(tree.layers[layer + 1][covered.lowerBound ^ 1]) }
        }
        return answer
    }

    private static func expectTamperingShows(
        _ range: MerkleRange,
        _ hashes: [SHA256Digest],
        _ shape: MerkleShape,
        _ expected: SHA256Digest
    ) {
        for position in hashes.indices {
            var bad = hashes
            bad[position].withUnsafeMutableBytes { $0[position & 31] ^= 1 }
            let (layer, index) = range.provenNode
            expectError(.mismatch(layer: layer, index: index), range, bad, shape, expected)
        }
        for count in [0, hashes.count - 1, hashes.count + 1] {
            let bad = Array((hashes + [SHA256Digest()])[..<count])
            expectError(.wrongHashCount(count, expected: hashes.count), range, bad, shape, expected)
        }
    }

    /// Compares directly, because `#expect(throws:)` is too slow for so many cases.
    private static func expectError(
        _ awaited: MerkleError,
        _ range: MerkleRange,
        _ hashes: [SHA256Digest],
        _ shape: MerkleShape,
        _ expected: SHA256Digest
    ) {
        do throws(MerkleError) {
            try range.verify(hashes, in: shape, leadTo: expected)
            Issue.record("\(range) accepted, should fail with \(awaited)")
        } catch {
            if error != awaited { Issue.record("\(range): \(error), not \(awaited)") }
        }
    }
}
