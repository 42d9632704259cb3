// SPDX-License-Identifier: Apache-2.0

public import RucheWire

extension TorrentInfo {
    /// The verifier for this kind of torrent: v1, v2 or hybrid. `layers` are the piece layers known so far.
    public func makeVerifier(layers: PieceLayers = PieceLayers()) -> any PieceDigestVerifier {
        let sha1 = SHA1PieceVerifier(geometry: geometry, hashes: pieceHashes)
        guard hashes.v2 != nil else { return sha1 }
        let merkle = MerklePieceVerifier(geometry: geometry, files: files, layers: layers)
        return hashes.v1 == nil ? merkle : HybridPieceVerifier(sha1: sha1, merkle: merkle)
    }
}

extension Metainfo {
    /// The verifier for this torrent, with its piece layers.
    public func makeVerifier() -> any PieceDigestVerifier { info.makeVerifier(layers: PieceLayers(pieceLayers)) }
}
