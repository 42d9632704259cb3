// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto

/// What peers of a feed tell each other, as the payload of an extension message (BEP 10).
///
/// Numbers have the most significant byte first:
///
///     0 | length 2 | head | length 2 | tail | first piece 4 | a node of 32 for each piece from there on
///     1 | first piece 4 | height 1
///     2 | first piece 4 | height 1 | a node of 32 for each piece, then the uncles, lowest first
///     3 | first piece 4
///     4 | length 2 | earlier head | length 2 | later head | claim
///
/// A claim is a 0 for a head after the last; otherwise 1, the number of the peak in a byte, the node and its uncles.
package enum FeedMessage: Hashable, Sendable {
    /// How far the feed reaches, the bytes after the last whole piece if they are fewer than a leaf, and the nodes of
    /// the latest pieces, from the piece `first` to the last whole one.
    case head(FeedHead, tail: [UInt8], first: Int, nodes: [SHA256Digest])
    /// Asks for the nodes of a block of pieces.
    case ask(FeedBlock)
    /// The nodes of a block's pieces, and the uncles that lead to a peak.
    case proof(FeedBlock, nodes: [SHA256Digest], uncles: [SHA256Digest])
    /// The block with this first piece cannot be proved.
    case lacks(first: Int)
    /// The author has contradicted itself, and the feed has ended.
    case contradiction(FeedContradiction)

    /// The maximum number of nodes sent along with a head.
    package static let maximumNodeCount = 256
    /// The maximum number of bytes sent along with a head: a leaf is complete.
    package static let maximumTailByteCount = MerkleTree.leafByteCount - 1
    /// The length of the longest message.
    package static let maximumByteCount =
        9 + FeedHead.maximumEncodedByteCount + maximumTailByteCount + maximumNodeCount * SHA256Digest.byteCount
}

extension FeedMessage {
    /// The encoding.
    package var encoded: [UInt8] {
        switch self {
        case .head(let head, let tail, let first, let nodes):
            [0] + Self.sized(head.encoded) + Self.sized(tail) + Self.fourBytes(first) + nodes.flatMap(\.bytes)
        case .ask(let block): [1] + Self.encoded(block)
        case .proof(let block, let nodes, let uncles):
            [2] + Self.encoded(block) + nodes.flatMap(\.bytes) + uncles.flatMap(\.bytes)
        case .lacks(let first): [3] + Self.fourBytes(first)
        case .contradiction(let proof):
            [4] + Self.sized(proof.earlier.encoded) + Self.sized(proof.later.encoded) + Self.encoded(proof.claim)
        }
    }

    private static func encoded(_ block: FeedBlock) -> [UInt8] { fourBytes(block.first) + [UInt8(block.height)] }

    private static func encoded(_ claim: FeedContradiction.Claim) -> [UInt8] {
        switch claim {
        case .grewAfterEnd: [0]
        case .changedLeaves(let peak, let node, let uncles):
            [1, UInt8(clamping: peak)] + node.bytes + uncles.flatMap(\.bytes)
        }
    }

    private static func sized(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8(truncatingIfNeeded: bytes.count >> 8), UInt8(truncatingIfNeeded: bytes.count)] + bytes
    }

    private static func fourBytes(_ number: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}

extension FeedMessage {
    /// Reads a message; nil for anything else. No signature and no proof is checked.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.maximumByteCount, let kind = bytes.first else { return nil }
        var rest = bytes.dropFirst()
        switch kind {
        case 0: self.init(headIn: &rest)
        case 1:
            guard let block = rest.takeBlock(), rest.isEmpty else { return nil }
            self = .ask(block)
        case 2: self.init(proofIn: &rest)
        case 3:
            guard let first = rest.takeNumber(bytes: 4), rest.isEmpty else { return nil }
            self = .lacks(first: first)
        case 4: self.init(contradictionIn: &rest)
        default: return nil
        }
    }

    private init?(headIn rest: inout ArraySlice<UInt8>) {
        guard let head = rest.takeSized().flatMap({ FeedHead(Array($0)) }), let tail = rest.takeSized(),
            tail.count <= Self.maximumTailByteCount, let first = rest.takeNumber(bytes: 4),
            let nodes = rest.takeNodes(atMost: Self.maximumNodeCount)
        else { return nil }
        self = .head(head, tail: Array(tail), first: first, nodes: nodes)
    }

    private init?(proofIn rest: inout ArraySlice<UInt8>) {
        guard let block = rest.takeBlock(),
            let nodes = rest.takeNodes(atMost: block.pieceCount + MerkleLimits.maximumHeight),
            nodes.count >= block.pieceCount
        else { return nil }
        let uncles = Array(nodes[block.pieceCount...])
        self = .proof(block, nodes: Array(nodes[..<block.pieceCount]), uncles: uncles)
    }

    private init?(contradictionIn rest: inout ArraySlice<UInt8>) {
        guard let earlier = rest.takeSized().flatMap({ FeedHead(Array($0)) }),
            let later = rest.takeSized().flatMap({ FeedHead(Array($0)) }), let kind = rest.takeNumber(bytes: 1)
        else { return nil }
        if kind == 0, rest.isEmpty {
            self = .contradiction(FeedContradiction(earlier, later, .grewAfterEnd))
        } else if kind == 1, let peak = rest.takeNumber(bytes: 1),
            let nodes = rest.takeNodes(atMost: 1 + MerkleLimits.maximumHeight), let node = nodes.first
        {
            let claim = FeedContradiction.Claim.changedLeaves(peak: peak, node: node, uncles: Array(nodes.dropFirst()))
            self = .contradiction(FeedContradiction(earlier, later, claim))
        } else {
            return nil
        }
    }
}

extension ArraySlice<UInt8> {
    /// Removes a number from the front; nil if there are too few bytes.
    fileprivate mutating func takeNumber(bytes count: Int) -> Int? {
        guard self.count >= count else { return nil }
        defer { removeFirst(count) }
        return prefix(count).reduce(0) { $0 << 8 | Int($1) }
    }

    /// Removes bytes that are preceded by their number in two bytes.
    fileprivate mutating func takeSized() -> ArraySlice<UInt8>? {
        guard let count = takeNumber(bytes: 2), self.count >= count else { return nil }
        defer { removeFirst(count) }
        return prefix(count)
    }

    fileprivate mutating func takeBlock() -> FeedBlock? {
        guard let first = takeNumber(bytes: 4), let height = takeNumber(bytes: 1) else { return nil }
        return FeedBlock(first: first, height: height)
    }

    /// Removes all that is left; nil unless it is a whole number of nodes, `limit` at most.
    fileprivate mutating func takeNodes(atMost limit: Int) -> [SHA256Digest]? {
        let width = SHA256Digest.byteCount
        guard count.isMultiple(of: width), count / width <= limit else { return nil }
        defer { removeAll() }
        return stride(from: startIndex, to: endIndex, by: width).compactMap { SHA256Digest(self[$0..<$0 + width]) }
    }
}
