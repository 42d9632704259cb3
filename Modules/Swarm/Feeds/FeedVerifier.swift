// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheStorage
package import RucheWire

/// Verifies the pieces of a feed against nodes that are proven to follow from a signed head.
package struct FeedVerifier: PieceVerifier {
    /// The last piece of a feed that has ended, if it is short.
    struct ShortPiece: Hashable, Sendable {
        let byteCount: Int
        let node: SHA256Digest
    }

    let pieceLength: Int
    let first: Int
    let nodes: DigestRow
    let shortPiece: ShortPiece?

    /// Hashes the blocks of the piece, and compares their root with the proven node.
    package func verdict(on piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) -> PieceVerdict {
        let offset = piece.int - first
        guard offset >= 0, offset < nodes.count || offset == nodes.count && shortPiece != nil else { return .unknown }
        let isShort = offset == nodes.count
        let expected = isShort ? shortPiece?.node : nodes[offset]
        guard chunks.reduce(0, { $0 + $1.count }) == (isShort ? shortPiece?.byteCount : pieceLength) else {
            return .wrong(leaves: [])
        }
        let leaves = Self.leaves(of: chunks)
        var hasher = MerkleHasher()
        return hasher.root(of: leaves, levels: Self.layer(pieceLength)) == expected ? .right : .wrong(leaves: [])
    }

    /// The layer of the pieces in the tree.
    static func layer(_ pieceLength: Int) -> Int { (pieceLength / MerkleTree.leafByteCount).trailingZeroBitCount }

    private static func leaves(of chunks: [UnsafeRawBufferPointer]) -> [SHA256Digest] {
        var hasher = MerkleHasher()
        var leaves: [SHA256Digest] = []
        if chunks.dropLast().allSatisfy({ $0.count.isMultiple(of: MerkleTree.leafByteCount) }) {
            for chunk in chunks { hasher.appendLeaves(of: chunk, to: &leaves) }
        } else {
            let whole = chunks.flatMap { Array($0) }
            whole.withUnsafeBytes { hasher.appendLeaves(of: $0, to: &leaves) }
        }
        return leaves
    }
}
