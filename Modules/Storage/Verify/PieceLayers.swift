// SPDX-License-Identifier: Apache-2.0

public import RucheCrypto

/// The known piece layers of a torrent's files: complete from a .torrent file, or part by part from peers if only the
/// info dictionary is known (BEP 52).
///
/// It trusts what is inserted: prove digests against the file's root first. Unknown entries are zeros, which no data
/// hashes to.
public struct PieceLayers: Hashable, Sendable {
    private var layers: [SHA256Digest: [SHA256Digest]]

    /// Takes complete layers by the roots of their files, as in `Metainfo.pieceLayers`.
    package init(_ layers: [SHA256Digest: [SHA256Digest]] = [:]) { self.layers = layers }

    /// Returns the digest of piece `index`, relative to the file's first piece; nil while it is unknown.
    public func digest(at index: Int, of root: SHA256Digest) -> SHA256Digest? {
        guard let layer = layers[root], layer.indices.contains(index), layer[index] != SHA256Digest() else {
            return nil
        }
        return layer[index]
    }

    /// Inserts digests of the pieces from `index` on, in a file of `pieceCount` pieces. Digests beyond the file are
    /// ignored.
    package mutating func insert(_ digests: [SHA256Digest], at index: Int, of root: SHA256Digest, pieceCount: Int) {
        guard index >= 0, index < pieceCount else { return }
        var layer = layers.removeValue(forKey: root) ?? Array(repeating: SHA256Digest(), count: pieceCount)
        for (place, digest) in zip(index..<min(pieceCount, layer.count), digests) { layer[place] = digest }
        layers[root] = layer
    }

    /// Inserts complete layers by the roots of their files.
    package mutating func merge(_ complete: [SHA256Digest: [SHA256Digest]]) {
        layers.merge(complete) { _, new in new }
    }

    /// The complete layers by the roots of their files.
    public var complete: [SHA256Digest: [SHA256Digest]] { layers.filter { !$1.contains(SHA256Digest()) } }

    /// Returns what is known of a file's layer, with empty digests for unknown entries; nil if nothing is. Unlike
    /// `layer(of:)` it does not scan the digests.
    package func known(of root: SHA256Digest) -> [SHA256Digest]? { layers[root] }

    /// Returns the complete layer of a file; nil while any of it is unknown.
    public func layer(of root: SHA256Digest) -> [SHA256Digest]? {
        guard let layer = layers[root], !layer.contains(SHA256Digest()) else { return nil }
        return layer
    }
}
