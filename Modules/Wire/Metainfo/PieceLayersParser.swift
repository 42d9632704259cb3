// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// Parses `piece layers` and checks each against the root of its file (BEP 52).
///
/// Layers may be missing: a torrent from a magnet link has none until peers send them. Those present must be correct,
/// and belong to a file of this torrent.
struct PieceLayersParser {
    let info: TorrentInfo

    private static let field = "piece layers"

    func parse(_ view: BencodeView?) throws(MetainfoError) -> [SHA256Digest: [SHA256Digest]] {
        guard let view else { return [:] }
        guard view.kind == .dictionary else {
            throw view.mismatch(.wrongType, Self.field, expected: "a dictionary")
        }
        let trees = layeredTrees()
        var layers: [SHA256Digest: [SHA256Digest]] = [:]
        for (key, value) in view.entries {
            guard let root = SHA256Digest(key), let tree = trees[root] else {
                throw value.mismatch(
                    .badPieceLayer,
                    Self.field,
                    expected: "the root of a file of many pieces as its key"
                )
            }
            layers[root] = try parseLayer(value, of: tree, root: root)
        }
        return layers
    }

    private func layeredTrees() -> [SHA256Digest: FileTree] {
        var trees: [SHA256Digest: FileTree] = [:]
        for file in info.files {
            guard let root = file.root,
                let tree = FileTree(byteCount: file.size, pieceLength: info.geometry.pieceLength),
                tree.hasPieceLayer
            else { continue }
            trees[root] = tree
        }
        return trees
    }

    private func parseLayer(
        _ value: BencodeView,
        of tree: FileTree,
        root: SHA256Digest
    ) throws(MetainfoError) -> [SHA256Digest] {
        guard let bytes = value.string, bytes.count == tree.pieceCount * SHA256Digest.byteCount else {
            throw value.mismatch(.badPieceLayer, Self.field, expected: "\(tree.pieceCount) hashes of 32 bytes")
        }
        let starts = stride(from: bytes.startIndex, to: bytes.endIndex, by: SHA256Digest.byteCount)
        let nodes = starts.compactMap { SHA256Digest(bytes[$0..<$0 + SHA256Digest.byteCount]) }
        guard tree.root(ofPieceLayer: nodes) == root else {
            throw value.mismatch(.badPieceLayer, Self.field, expected: "hashes that lead to the file's root")
        }
        return nodes
    }
}
