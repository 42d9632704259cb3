// SPDX-License-Identifier: Apache-2.0

import RucheCrypto

/// A BEP 52 tree written as simply as possible: it stores every node of every layer, pads included.
struct NaiveTree {
    let leafCount: Int
    let layers: [[SHA256Digest]]

    init(leafCount: Int, seed: UInt8 = 0) {
        self.leafCount = leafCount
        var width = 1
        while width < leafCount { width *= 2 }
        var layer = (0..<width).map { leaf in
            leaf < leafCount ? SHA256.hash([seed, UInt8(leaf & 255), UInt8(leaf >> 8)]) : SHA256Digest()
        }
        var layers = [layer]
        while layer.count > 1 {
            layer = stride(from: 0, to: layer.count, by: 2).map { SHA256.hash(layer[$0].bytes + layer[$0 + 1].bytes) }
            layers.append(layer)
        }
        self.layers = layers
    }

    var height: Int { layers.count - 1 }
    var root: SHA256Digest { layers[height][0] }
    var leaves: [SHA256Digest] { Array(layers[0][..<leafCount]) }

    /// Returns the nodes of `layer` that have a leaf of data below them.
    func dataNodes(at layer: Int) -> [SHA256Digest] {
        layers[layer].indices.filter { $0 << layer < leafCount }.map { layers[layer][$0] }
    }
}
