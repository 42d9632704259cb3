// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@Suite struct FeedHeadTests {
    private let key: Ed25519.PrivateKey
    private let content: [UInt8]

    init() {
        var random = SeededRandom(seed: 5)
        key = Ed25519.PrivateKey(using: &random)
        content = random.nextBytes(count: 20 * MerkleTree.leafByteCount)
    }

    private func leaves(_ bytes: some Collection<UInt8>) -> [SHA256Digest] {
        let bytes = Array(bytes)
        return stride(from: 0, to: bytes.count, by: MerkleTree.leafByteCount).map {
            SHA256.hash(Array(bytes[$0...].prefix(MerkleTree.leafByteCount)))
        }
    }

    private func tree(of bytes: some Collection<UInt8>) -> GrowingTree {
        var tree = GrowingTree()
        let wholeByteCount = bytes.count / MerkleTree.leafByteCount * MerkleTree.leafByteCount
        let isAppended = tree.append(leaves(bytes.prefix(wholeByteCount)))
        #expect(isAppended)
        return tree
    }

    private func head(of bytes: some Collection<UInt8>, isLast: Bool = false) throws -> FeedHead {
        let isShort = !bytes.count.isMultiple(of: MerkleTree.leafByteCount)
        return try #require(
            FeedHead(
                byteCount: bytes.count,
                millisecondsSince1970: 1_800_000_000_000,
                isLast: isLast,
                peaks: tree(of: bytes).peaks,
                shortLeaf: isShort ? leaves(bytes).last : nil,
                signedWith: key
            )
        )
    }

    @Test func `The root is that of a file with the same bytes`() throws {
        for count in [1, 16_383, 16_384, 16_385, 40_000, 49_152, 81_920, 100_000, 327_680] {
            let head = try head(of: content.prefix(count))
            #expect(head.root == MerkleTree(base: leaves(content.prefix(count)))?.root, "\(count)")
            #expect(head.isSigned(by: key.publicKey), "\(count)")
            #expect(FeedHead(head.encoded) == head, "\(count)")
        }
    }

    @Test func `Another author, or a changed byte, is not signed`() throws {
        let head = try head(of: content.prefix(100_000), isLast: true)
        var random = SeededRandom(seed: 6)
        #expect(!head.isSigned(by: Ed25519.PrivateKey(using: &random).publicKey))
        let bytes = head.encoded
        #expect(bytes.count <= FeedHead.maximumEncodedByteCount)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            let isAccepted = FeedHead(changed)?.isSigned(by: key.publicKey) == true
            #expect(!isAccepted, "byte \(place)")
        }
    }

    @Test func `There is one encoding only`() throws {
        let bytes = try head(of: content.prefix(100_000)).encoded
        #expect(FeedHead(bytes + [0]) == nil && FeedHead(Array(bytes.dropLast())) == nil && FeedHead([]) == nil)
        for (place, value) in [(0, 2), (1, 2), (2, 0xff), (2, 1)] as [(Int, UInt8)] {
            var changed = bytes
            changed[place] = value
            #expect(FeedHead(changed) == nil)
        }
        #expect(FeedHead([1, 0] + Array(repeating: 0, count: 16 + 64)) == nil, "an empty feed has no head")
    }

    @Test func `Nodes of another length are not signed`() {
        func make(_ byteCount: Int, _ peaks: [SHA256Digest], _ shortLeaf: SHA256Digest? = nil) -> FeedHead? {
            FeedHead(
                byteCount: byteCount,
                millisecondsSince1970: 0,
                peaks: peaks,
                shortLeaf: shortLeaf,
                signedWith: key
            )
        }
        #expect(make(16_384, [SHA256Digest()]) != nil)
        #expect(make(16_384, []) == nil && make(16_384, [SHA256Digest()], SHA256Digest()) == nil)
        #expect(make(1, []) == nil && make(0, []) == nil && make(-1, []) == nil && make(.max, []) == nil)
    }

    @Test func `A signature of something else is not one of a head`() throws {
        let head = try head(of: content.prefix(16_384))
        // The fields and the root without the domain, signed by the same key.
        let message = Array(head.encoded.prefix(18)) + head.root.bytes
        let forged = try #require(FeedHead(Array(head.encoded.dropLast(64)) + key.signature(for: message).bytes))
        #expect(!forged.isSigned(by: key.publicKey))
    }

    @Test func `Heads that grow honestly never contradict each other`() throws {
        var pairs = 0
        for later in stride(from: 20_000, through: content.count, by: 41_000) {
            let grown = tree(of: content.prefix(later))
            for earlier in stride(from: 10_000, through: later, by: 23_000) {
                let (first, second) = (try head(of: content.prefix(earlier)), try head(of: content.prefix(later)))
                #expect(FeedContradiction(first, second, in: grown) == nil, "\(earlier) \(later)")
                pairs += 1
            }
        }
        #expect(pairs > 20)
        // The short leaf is provisional.
        let (one, other) = (content.prefix(20_000), content.prefix(16_384) + Array(repeating: 1, count: 9_000))
        #expect(FeedContradiction(try head(of: one), try head(of: other), in: tree(of: other)) == nil)
    }

    @Test func `A changed complete leaf is proven, wherever it is`() throws {
        var found = 0
        for earlier in 1...12 {
            let first = try head(of: content.prefix(earlier * MerkleTree.leafByteCount + 5))
            for later in [earlier, earlier + 1, 13, 20] where later >= earlier {
                var changed = Array(content.prefix(later * MerkleTree.leafByteCount))
                changed[(earlier - 1) * MerkleTree.leafByteCount] ^= 1
                let second = try head(of: changed)
                let proof = try #require(FeedContradiction(first, second, in: tree(of: changed)))
                #expect(proof.isProven(against: key.publicKey), "\(earlier) \(later)")
                #expect(
                    !FeedContradiction(second, first, proof.claim).isProven(against: key.publicKey) || later == earlier
                )
                found += 1
            }
        }
        #expect(found == 48)
    }

    @Test func `A proof that does not hold is none`() throws {
        let (first, second) = (try head(of: content.prefix(32_768)), try head(of: content.prefix(81_920)))
        let grown = tree(of: content.prefix(81_920))
        let node = try #require(grown.node(at: 1, index: 0))
        let uncles = [try #require(grown.node(at: 1, index: 1))]
        let claims: [FeedContradiction.Claim] = [
            .changedLeaves(peak: 0, node: node, uncles: uncles),
            .changedLeaves(peak: 0, node: SHA256Digest(), uncles: uncles),
            .changedLeaves(peak: 0, node: SHA256Digest(), uncles: []),
            .changedLeaves(peak: 1, node: SHA256Digest(), uncles: uncles),
            .changedLeaves(peak: -1, node: SHA256Digest(), uncles: Array(repeating: node, count: 100)),
            .grewAfterEnd,
        ]
        #expect(claims.filter { FeedContradiction(first, second, $0).isProven(against: key.publicKey) }.isEmpty)
    }

    @Test func `A feed that goes on after its end contradicts itself`() throws {
        let end = try head(of: content.prefix(20_000), isLast: true)
        let more = try head(of: content.prefix(30_000))
        let other = try head(of: content.dropFirst().prefix(20_000), isLast: true)
        let same = try head(of: content.prefix(20_000))
        func proof(_ earlier: FeedHead, _ later: FeedHead) -> Bool {
            FeedContradiction(earlier, later, .grewAfterEnd).isProven(against: key.publicKey)
        }
        #expect(proof(end, more) && proof(end, other))
        #expect(!proof(end, same) && !proof(same, more) && !proof(more, end) && !proof(end, end))
    }
}
