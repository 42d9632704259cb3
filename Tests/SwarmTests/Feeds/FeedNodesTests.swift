// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

@Suite struct FeedNodesTests {
    @Test(arguments: 0..<60 as Range<UInt64>)
    func `A follower that begins anywhere proves to others what was proven to it`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var author = FeedNodes(layer: 0, first: 0)
        var tree = GrowingTree()
        var relay: FeedNodes?
        var follower = FeedNodes(layer: 0, first: 0)
        for _ in 0..<12 {
            let new = (0..<Int.random(in: 1...400, using: &random)).map { _ in SHA256.hash(random.nextBytes(count: 8)) }
            let old = author.end
            author.append(new)
            #expect(tree.append(new) && author.peaks == tree.peaks)
            if relay == nil { relay = FeedNodes(layer: 0, first: Int.random(in: 0..<author.end, using: &random)) }
            let isPushed = Bool.random(using: &random)
            relay?.grow(to: author.end, author.peaks, with: isPushed ? new : [], from: isPushed ? old : author.end)
            follower.grow(to: author.end, author.peaks, with: [], from: author.end)
            relay = try relay.map { try proven($0, by: author, &random) }
            follower = try proven(follower, by: author, &random)
        }
        let relayed = try #require(relay)
        #expect(relayed.isComplete && relayed.peaks == tree.peaks && follower.isComplete)
        for piece in relayed.first..<relayed.end {
            #expect(relayed.pieces[piece - relayed.first] == author.pieces[piece])
        }
        // What the relay holds, it proves to one that knows nothing but the head.
        var stranger = FeedNodes(layer: 0, first: relayed.first)
        stranger.grow(to: relayed.pieceCount, relayed.peaks, with: [], from: relayed.pieceCount)
        for piece in relayed.first..<relayed.end {
            guard let block = FeedBlock(holding: piece, of: relayed.pieceCount), block.first >= relayed.first,
                !stranger.holds(block)
            else { continue }
            let proof = try #require(relayed.makeProof(of: block))
            #expect(stranger.handle(proof) == .proven)
        }
    }

    /// Completes the run with proofs, in any order, each preceded by a forged one.
    private func proven(_ nodes: FeedNodes, by author: FeedNodes, _ random: inout SeededRandom) throws -> FeedNodes {
        var nodes = nodes
        while !nodes.isComplete {
            let next = Int.random(in: nodes.end..<nodes.pieceCount, using: &random)
            let block = try #require(
                FeedBlock(holding: Bool.random(using: &random) ? nodes.end : next, of: nodes.pieceCount)
            )
            guard !nodes.holds(block) else { continue }
            let proof = try #require(author.makeProof(of: block))
            var forged = proof.nodes
            forged[forged.count - 1] = SHA256.hash([7])
            #expect(nodes.handle(FeedProof(block, forged, proof.uncles, layer: 0)) == .wrong)
            #expect(nodes.handle(proof) == .proven)
        }
        return nodes
    }

    @Test func `A proof up to an unknown peak proves nothing`() throws {
        let all = (0..<6).map { SHA256.hash([$0]) }
        var author = FeedNodes(layer: 0, first: 0)
        author.append(Array(all[..<4]))
        let block = try #require(FeedBlock(holding: 0, of: 2))
        let short = try #require(FeedBlock(holding: 0, of: 1))
        let proof = try #require(author.makeProof(of: block))
        var follower = FeedNodes(layer: 0, first: 0)
        follower.grow(to: 4, author.peaks, with: [], from: 4)
        #expect(follower.handle(FeedProof(block, proof.nodes, [], layer: 0)) == .unprovable)
        #expect(follower.end == 0 && !follower.isComplete)
        #expect(follower.handle(FeedProof(short, [all[0]], [all[1], proof.uncles[0]], layer: 0)) == .proven)
        #expect(follower.end == 1)
    }
}
