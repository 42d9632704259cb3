// SPDX-License-Identifier: Apache-2.0

package import RucheWire

extension TorrentInfo {
    /// Creates the verifier for this kind of torrent: v1, v2 or hybrid. `layers` are the piece layers known so far.
    package func makeVerifier(layers: PieceLayers = PieceLayers()) -> any PieceDigestVerifier {
        let sha1 = SHA1PieceVerifier(info: self)
        guard let merkle = MerklePieceVerifier(info: self, layers: layers) else { return sha1 }
        return hashes.v1 == nil ? merkle : HybridPieceVerifier(sha1: sha1, merkle: merkle)
    }
}

extension Metainfo {
    /// Creates the verifier for this torrent, with its piece layers.
    package func makeVerifier() -> any PieceDigestVerifier { info.makeVerifier(layers: PieceLayers(pieceLayers)) }
}
