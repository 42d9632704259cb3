// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a request for hashes of a BEP 52 tree, or with an answer to it.
public enum MerkleError: Error, Hashable, Sendable {
    /// The base layer must lie below the root, which stands at `height`.
    case baseLayerOutOfTree(Int, height: Int)
    /// At least two hashes are asked for, a power of two unless the layer's end cuts them, and not too many.
    case badLength(Int, maximum: Int)
    /// The index must be a multiple of the length, rounded up to a power of two.
    case misaligned(index: Int, length: Int)
    /// The range must begin on data and end inside of the layer, which has room for `width` nodes.
    case beyondLayer(index: Int, length: Int, width: Int)
    /// Proofs end below the root.
    case tooManyProofLayers(Int, maximum: Int)
    /// An answer holds the hashes asked for and their uncles, no more and no fewer.
    case wrongHashCount(Int, expected: Int)
    /// The hashes do not lead to the node that is known to stand there.
    case mismatch(layer: Int, index: Int)
    /// We lack a node that the answer needs.
    case unknownNode(layer: Int, index: Int)
}
