// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@Suite struct FeedMessageTests {
    private let messages: [FeedMessage]

    init() throws {
        var random = SeededRandom(seed: 1)
        let key = Ed25519.PrivateKey(using: &random)
        let node = SHA256.hash([])
        let head = try #require(
            FeedHead(
                byteCount: 50_000,
                millisecondsSince1970: 5,
                peaks: [node, node],
                shortLeaf: node,
                signedWith: key
            )
        )
        let block = try #require(FeedBlock(first: 512, height: 2))
        messages = [
            .head(head, tail: [1, 2, 3], first: 3, nodes: [node, node]), .head(head, tail: [], first: 0, nodes: []),
            .ask(block), .proof(block, nodes: Array(repeating: node, count: 4), uncles: []),
            .proof(block, nodes: Array(repeating: node, count: 4), uncles: [node, node, node]), .lacks(first: 512),
            .contradiction(FeedContradiction(head, head, .grewAfterEnd)),
            .contradiction(FeedContradiction(head, head, .changedLeaves(peak: 1, node: node, uncles: [node]))),
        ]
    }

    @Test func `Each message is read as it was written, and in no other form`() {
        for message in messages {
            let bytes = message.encoded
            #expect(FeedMessage(bytes) == message)
            #expect(FeedMessage(bytes + [0]) == nil)
            for count in 0..<bytes.count where FeedMessage(Array(bytes.prefix(count))) != nil {
                // A message without its last nodes is a message, too.
                #expect((bytes.count - count).isMultiple(of: SHA256Digest.byteCount))
            }
        }
    }

    @Test func `Blocks are aligned, and reach no further than the feed`() throws {
        #expect(FeedBlock(first: 1, height: 1) == nil && FeedBlock(first: 0, height: 9) == nil)
        #expect(FeedBlock(holding: 0, of: 0) == nil && FeedBlock(holding: 5, of: 5) == nil)
        for count in 1..<700 {
            var next = 0
            while let block = FeedBlock(holding: next, of: count) {
                #expect(block.first == next && block.pieces.upperBound <= count)
                next = block.pieces.upperBound
            }
            #expect(next == count)
        }
    }
}
