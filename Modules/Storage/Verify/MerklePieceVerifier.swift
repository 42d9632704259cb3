// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
public import RucheWire

/// Judges pieces by the trees of their files (BEP 52): the leaves of a piece join to its entry in the file's piece layer
/// or, in a file of one piece or less, to the root itself.
public struct MerklePieceVerifier: PieceDigestVerifier {
    private let geometry: PieceGeometry
    private let layout: V2Layout
    private let layers: PieceLayers

    /// Judges pieces of `info`, as far as `layers` are known; nil for a torrent that is v1 only.
    public init?(info: TorrentInfo, layers: PieceLayers) {
        guard let layout = V2Layout(info) else { return nil }
        self.layout = layout
        self.layers = layers
        geometry = info.geometry
    }

    /// The leaves alone.
    public func recipe(for piece: PieceIndex) -> PieceHashRecipe { PieceHashRecipe(wantsLeaves: true) }

    /// Joins the leaves and compares with the piece layer or the root.
    public func verdict(on piece: PieceIndex, digests: PieceDigests) -> PieceVerdict {
        guard let place = layout.place(of: piece), let expected = digest(at: place) else { return .unknown }
        let isRight =
            digests.byteCount == geometry.dataByteCount(of: piece)
            && place.file.tree.pieceRoot(ofLeaves: digests.leaves) == expected
        return isRight ? .right : .wrong(leaves: digests.leaves)
    }

    /// What the leaves of the piece at `place` join to; nil while it is not known.
    private func digest(at place: V2Layout.Place) -> SHA256Digest? {
        place.isOnlyPiece ? place.file.root : layers.digest(at: place.pieceInFile, of: place.file.root)
    }
}
