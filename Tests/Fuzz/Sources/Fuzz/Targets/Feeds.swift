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
