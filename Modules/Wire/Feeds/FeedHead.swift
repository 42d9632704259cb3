// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto

/// The author's signed statement of how far a feed has grown, and of every byte up to there.
///
/// The peaks of the BEP 52 tree over the complete leaves, and the hash of the last leaf if it is short, determine the
/// root, which is signed but not sent. The short leaf is provisional: a later head may replace it by a longer one that
/// begins differently. Complete leaves never change; `FeedContradiction` proves that they did.
///
/// On the wire, numbers with the most significant byte first:
///
///     version 1 | flags 1 (1: the feed has ended) | length 8 | milliseconds since 1970 8
///     | a node of 32 for each peak | one for the short leaf, if there is one | signature 64
///
/// The length determines how many nodes there are, so a head has one encoding only.
package struct FeedHead: Hashable, Sendable {
    /// The length of the feed in bytes, at least 1.
    package let byteCount: Int
    /// When the author signed it, by the author's clock.
    package let millisecondsSince1970: Int64
    /// Whether nothing will follow.
    package let isLast: Bool
    /// The peaks over the complete leaves.
    package let peaks: [SHA256Digest]
    /// The hash of the last leaf, if it is short.
    package let shortLeaf: SHA256Digest?
    /// The root of the whole tree, short leaf included.
    package let root: SHA256Digest
    private let signature: Ed25519.Signature

    /// The number of leaves that no later head changes.
    package var completeLeafCount: Int { byteCount / MerkleTree.leafByteCount }

    /// Signs a head. Nil if the nodes are not those of a feed with this length.
    package init?(
        byteCount: Int,
        millisecondsSince1970: Int64,
        isLast: Bool = false,
        peaks: [SHA256Digest],
        shortLeaf: SHA256Digest? = nil,
        signedWith key: Ed25519.PrivateKey
    ) {
        guard let root = Self.root(byteCount, peaks, shortLeaf) else { return nil }
        let claim = Self.claim(Self.fields(byteCount, millisecondsSince1970, isLast), root)
        self.init(byteCount, millisecondsSince1970, isLast, peaks, shortLeaf, root, key.signature(for: claim))
    }

    private init(
        _ byteCount: Int,
        _ millisecondsSince1970: Int64,
        _ isLast: Bool,
        _ peaks: [SHA256Digest],
        _ shortLeaf: SHA256Digest?,
        _ root: SHA256Digest,
        _ signature: Ed25519.Signature
    ) {
        self.byteCount = byteCount
        self.millisecondsSince1970 = millisecondsSince1970
        self.isLast = isLast
        self.peaks = peaks
        self.shortLeaf = shortLeaf
        self.root = root
        self.signature = signature
    }

    /// Whether `author` has signed it. Check this before anything in it is used.
    package func isSigned(by author: Ed25519.PublicKey) -> Bool {
        Ed25519.isValid(signature, for: Self.claim(fields, root), by: author)
    }

    private var fields: [UInt8] { Self.fields(byteCount, millisecondsSince1970, isLast) }
}

extension FeedHead {
    private static let version: UInt8 = 1
    private static let fieldByteCount = 18
    /// Begins every signed message, and no other signature's: a key that signs heads cannot be made to sign anything
    /// else, nor the other way round.
    private static let domain = Array("ruche feed head\0".utf8)
    /// The longest feed: 16 PiB.
    private static let maximumByteCount = MerkleLimits.maximumLeafCount * MerkleTree.leafByteCount
    /// The longest encoding in bytes.
    package static let maximumEncodedByteCount =
        fieldByteCount + (MerkleLimits.maximumHeight + 1) * SHA256Digest.byteCount + Ed25519.Signature.byteCount

    /// The canonical encoding.
    package var encoded: [UInt8] {
        fields + peaks.flatMap(\.bytes) + (shortLeaf?.bytes ?? []) + signature.bytes
    }

    /// Reads the canonical encoding; nil for anything else. The signature is not checked.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.maximumEncodedByteCount, bytes.count >= Self.fieldByteCount,
            bytes[0] == Self.version, bytes[1] <= 1,
            let byteCount = Int(exactly: Self.number(bytes[2..<10])), (1...Self.maximumByteCount).contains(byteCount)
        else { return nil }
        let peakCount = (byteCount / MerkleTree.leafByteCount).nonzeroBitCount
        let isShort = !byteCount.isMultiple(of: MerkleTree.leafByteCount)
        let width = SHA256Digest.byteCount
        let nodeBytes = bytes[Self.fieldByteCount...].prefix((peakCount + (isShort ? 1 : 0)) * width)
        var nodes = stride(from: nodeBytes.startIndex, to: nodeBytes.endIndex, by: width).compactMap {
            SHA256Digest(nodeBytes[$0...].prefix(width))
        }
        let shortLeaf = isShort ? nodes.popLast() : nil
        guard let signature = Ed25519.Signature(bytes[nodeBytes.endIndex...]),
            let root = Self.root(byteCount, nodes, shortLeaf)
        else { return nil }
        let time = Int64(bitPattern: Self.number(bytes[10..<18]))
        self.init(byteCount, time, bytes[1] == 1, nodes, shortLeaf, root, signature)
    }

    /// Returns the root; nil if the nodes are not those of a feed with this length.
    private static func root(_ byteCount: Int, _ peaks: [SHA256Digest], _ shortLeaf: SHA256Digest?) -> SHA256Digest? {
        guard (1...maximumByteCount).contains(byteCount) else { return nil }
        let leafCount = byteCount / MerkleTree.leafByteCount
        let isShort = !byteCount.isMultiple(of: MerkleTree.leafByteCount)
        guard isShort == (shortLeaf != nil), peaks.count == leafCount.nonzeroBitCount else { return nil }
        guard let shortLeaf else { return GrowingTree.root(ofPeaks: peaks, leafCount: leafCount) }
        return GrowingTree.peaks(peaks, leafCount: leafCount, adding: shortLeaf)
            .flatMap { GrowingTree.root(ofPeaks: $0, leafCount: leafCount + 1) }
    }

    private static func fields(_ byteCount: Int, _ milliseconds: Int64, _ isLast: Bool) -> [UInt8] {
        [version, isLast ? 1 : 0] + eightBytes(UInt64(byteCount)) + eightBytes(UInt64(bitPattern: milliseconds))
    }

    private static func claim(_ fields: [UInt8], _ root: SHA256Digest) -> [UInt8] { domain + fields + root.bytes }

    private static func eightBytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
