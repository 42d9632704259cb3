// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Verifies pieces with their SHA-1 hashes (BEP 3), padding included (BEP 47).
package struct SHA1PieceVerifier: PieceDigestVerifier {
    private let geometry: PieceGeometry
    private let hashes: PieceHashes

    /// Verifies pieces of `info`, which must be v1 or hybrid; otherwise every piece is unknown.
    package init(info: TorrentInfo) {
        geometry = info.geometry
        hashes = info.pieceHashes
    }

    /// SHA-1 of data and padding.
    package func recipe(for piece: PieceIndex) -> PieceHashRecipe {
        guard piece.int < geometry.pieceCount else { return PieceHashRecipe() }
        let padding = geometry.byteCount(of: piece) - geometry.dataByteCount(of: piece)
        return PieceHashRecipe(wantsSHA1: true, paddingByteCount: padding)
    }

    /// Compares the digest with the piece's hash.
    package func verdict(on piece: PieceIndex, digests: PieceDigests) -> PieceVerdict {
        guard piece.int < geometry.pieceCount, let expected = hashes[piece] else { return .unknown }
        let isRight = digests.byteCount == geometry.dataByteCount(of: piece) && digests.sha1 == expected
        return isRight ? .right : .wrong(leaves: [])
    }
}
