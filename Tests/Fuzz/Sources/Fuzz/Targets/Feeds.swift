// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

extension FuzzTarget {
    /// A feed's head: what is read has that encoding and no other.
    static let feedHead = FuzzTarget(name: "feed-head", seeds: { feedSeeds }) { bytes in
        guard let head = FeedHead(bytes) else { return }
        require(head.encoded == bytes, "the canonical form is the only one")
        require(bytes.count <= FeedHead.maximumEncodedByteCount, "limits hold")
        require(!FeedContradiction(head, head, .grewAfterEnd).isProven(against: .init()), "no head contradicts itself")
    }

    /// A message between peers of a feed: what is read has that encoding and no other.
    static let feedMessage = FuzzTarget(name: "feed-message", seeds: { messageSeeds }) { bytes in
        guard let message = FeedMessage(bytes) else { return }
        require(message.encoded == bytes, "the canonical form is the only one")
        require(bytes.count <= FeedMessage.maximumByteCount, "limits hold")
        if case .contradiction(let proof) = message {
            require(!proof.isProven(against: .init()), "nobody has signed it")
        }
    }

    private static let messageSeeds: [[UInt8]] = {
        let heads = feedSeeds.compactMap { FeedHead($0) }
        let node = SHA256.hash([])
        let blocks = [FeedBlock(first: 0, height: 0), FeedBlock(first: 4, height: 2)].compactMap(\.self)
        var messages: [FeedMessage] = [.lacks(first: 7)]
        messages += heads.map { .head($0, tail: [1, 2], first: 0, nodes: [node]) }
        messages += blocks.map { .ask($0) }
        messages += blocks.map { .proof($0, nodes: Array(repeating: node, count: $0.pieceCount), uncles: [node]) }
        messages += heads.map { .contradiction(FeedContradiction($0, heads[0], .grewAfterEnd)) }
        messages += heads.map {
            .contradiction(FeedContradiction($0, heads[0], .changedLeaves(peak: 0, node: node, uncles: [node])))
        }
        return messages.map(\.encoded)
    }()

    private static let feedSeeds: [[UInt8]] = {
        var random = SeededRandom(seed: 1)
        let key = Ed25519.PrivateKey(using: &random)
        let leaf = SHA256.hash([])
        return [1, 16_384, 49_152, 50_000].compactMap { byteCount in
            FeedHead(
                byteCount: byteCount,
                millisecondsSince1970: 0,
                peaks: Array(repeating: leaf, count: (byteCount / 16_384).nonzeroBitCount),
                shortLeaf: byteCount.isMultiple(of: 16_384) ? nil : leaf,
                signedWith: key
            )?.encoded
        }
    }()
}
