// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheStorage
package import RucheWire

/// Verifies pieces against a list of their SHA-256 digests and lengths.
package struct DigestListVerifier: PieceVerifier {
    private let pieces: [(digest: SHA256Digest, byteCount: Int)]

    /// Creates a verifier for pieces in this order.
    package init(_ pieces: [(digest: SHA256Digest, byteCount: Int)]) { self.pieces = pieces }

    /// Compares the digest and the length with those in the list.
    package func verdict(on piece: PieceIndex, chunks: [UnsafeRawBufferPointer]) -> PieceVerdict {
        guard pieces.indices.contains(piece.int) else { return .unknown }
        var hash = SHA256()
        for chunk in chunks { hash.update(chunk) }
        let isRight =
            hash.finish() == pieces[piece.int].digest
            && chunks.reduce(0) { $0 + $1.count } == pieces[piece.int].byteCount
        return isRight ? .right : .wrong(leaves: [])
    }
}
