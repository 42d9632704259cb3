// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// What is known of the piece layers of a torrent's files: all of it from a .torrent file, or part after part from
/// peers, where only the info dictionary is known (BEP 52).
///
/// It trusts what is inserted: prove digests against the file's root before. An entry that is not known is kept as zeros,
/// which no data hashes to.
public struct PieceLayers: Hashable, Sendable {
    private var layers: [SHA256Digest: [SHA256Digest]]

    /// Complete layers by the roots of their files, as `Metainfo.pieceLayers` has them.
    public init(_ layers: [SHA256Digest: [SHA256Digest]] = [:]) { self.layers = layers }

    /// The digest of piece `index`, counted from the first of its file; nil while it is not known.
    public func digest(at index: Int, of root: SHA256Digest) -> SHA256Digest? {
        guard let layer = layers[root], layer.indices.contains(index), layer[index] != SHA256Digest() else {
            return nil
        }
        return layer[index]
    }

    /// Learns digests of the pieces from `index` on, in a file of `pieceCount` pieces. What lies beyond is ignored.
    public mutating func insert(_ digests: [SHA256Digest], at index: Int, of root: SHA256Digest, pieceCount: Int) {
        guard index >= 0, index < pieceCount else { return }
        var layer = layers.removeValue(forKey: root) ?? Array(repeating: SHA256Digest(), count: pieceCount)
        for (place, digest) in zip(index..<min(pieceCount, layer.count), digests) { layer[place] = digest }
        layers[root] = layer
    }

    /// Learns complete layers by the roots of their files.
    public mutating func merge(_ complete: [SHA256Digest: [SHA256Digest]]) {
        layers.merge(complete) { _, new in new }
    }

    /// The layers of which nothing is missing, by the roots of their files.
    public var complete: [SHA256Digest: [SHA256Digest]] { layers.filter { !$1.contains(SHA256Digest()) } }

    /// What is known of a file's layer, an empty digest where nothing is; nil for none. Unlike `layer(of:)` it looks at
    /// no digest.
    package func known(of root: SHA256Digest) -> [SHA256Digest]? { layers[root] }

    /// The whole layer of a file; nil while any of it is missing.
    public func layer(of root: SHA256Digest) -> [SHA256Digest]? {
        guard let layer = layers[root], !layer.contains(SHA256Digest()) else { return nil }
        return layer
    }
}
