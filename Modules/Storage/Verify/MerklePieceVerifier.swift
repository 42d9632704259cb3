// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// Verifies pieces with the hash trees of their files (BEP 52): the leaves of a piece join to its entry in the file's
/// piece layer or, in a file of at most one piece, to the root itself.
package struct MerklePieceVerifier: PieceDigestVerifier {
    private let geometry: PieceGeometry
    private let layout: V2Layout
    private let layers: PieceLayers

    /// Verifies pieces of `info` as far as `layers` are known; nil for a v1 torrent.
    package init?(info: TorrentInfo, layers: PieceLayers) {
        guard let layout = V2Layout(info) else { return nil }
        self.layout = layout
        self.layers = layers
        geometry = info.geometry
    }

    /// Only the leaves.
    package func recipe(for piece: PieceIndex) -> PieceHashRecipe { PieceHashRecipe(wantsLeaves: true) }

    /// Joins the leaves and compares the result with the piece layer or the root.
    package func verdict(on piece: PieceIndex, digests: PieceDigests) -> PieceVerdict {
        guard let place = layout.place(of: piece), let expected = digest(at: place) else { return .unknown }
        let isRight =
            digests.byteCount == geometry.dataByteCount(of: piece)
            && place.file.tree.pieceRoot(ofLeaves: digests.leaves) == expected
        return isRight ? .right : .wrong(leaves: digests.leaves)
    }

    /// The digest that the leaves of the piece at `place` must join to; nil while it is unknown.
    private func digest(at place: V2Layout.Place) -> SHA256Digest? {
        place.isOnlyPiece ? place.file.root : layers.digest(at: place.pieceInFile, of: place.file.root)
    }
}
