// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheStorage
package import RucheWire

/// What only a torrent has: its info dictionary, and the hash trees of its files (BEP 52). Owner: `SwarmContent`. Like
/// that, it is an object, so that its fields are changed in place.
package final class TorrentContent {
    package let info: TorrentInfo
    /// What is known of the files' piece layers; everything once `layerDownload` is nil.
    package internal(set) var layers: PieceLayers
    /// Trees of the files, for a v2 torrent.
    let trees: FileTrees
    /// Trees above piece layers that peers request.
    var layerTrees = LayerTrees()
    var layerDownload: PieceLayerDownload?
    var inquiry = LeafInquiry()

    /// `speaksV2`: peers can be found under the v2 info-hash. A hybrid known only by its v1 hash does without its layers,
    /// because no peer would send them.
    init(_ info: TorrentInfo, layers: [SHA256Digest: [SHA256Digest]], speaksV2: Bool) {
        self.info = info
        self.layers = PieceLayers(layers)
        trees = FileTrees(info)
        let missing = speaksV2 ? info.layersMissing(from: layers) : []
        if !missing.isEmpty {
            layerDownload = PieceLayerDownload(
                files: missing,
                blocksPerPiece: info.geometry.pieceLength / Block.byteCount
            )
        }
    }

    /// Whether every piece can be verified.
    var isVerifiable: Bool { layerDownload == nil || info.hashes.v1 != nil }

    /// Whether `piece` can be verified.
    func canVerify(_ piece: PieceIndex) -> Bool { isVerifiable || trees.digest(of: piece, in: layers) != nil }
}

extension TorrentInfo {
    /// The files whose piece layer is needed and not among `layers`.
    fileprivate func layersMissing(from layers: [SHA256Digest: [SHA256Digest]]) -> [PieceLayerDownload.File] {
        guard hashes.v2 != nil else { return [] }
        var seen: Set<SHA256Digest> = []
        return files.compactMap { file in
            guard let root = file.root, file.size > geometry.pieceLength, layers[root] == nil,
                seen.insert(root).inserted
            else { return nil }
            return PieceLayerDownload.File(root: root, byteCount: file.size)
        }
    }
}
