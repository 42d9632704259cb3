// SPDX-License-Identifier: Apache-2.0

/// The hashes of a tree that a BEP 52 "hash request" asks for, and the layers over which it asks for a proof.
///
/// An answer holds `length` nodes of the base layer, then their uncles, lowest first. A proof layer whose nodes can be
/// computed from the requested hashes counts, but has no uncle in the answer.
///
///     layer 3                      R
///     layer 2          A                      B           an uncle of C, in the answer if proofLayers is 2
///     layer 1     C         D            E         F      D is an uncle of a0 and a1, there if proofLayers is 1 or 2
///     layer 0   a0 a1     a2 a3        a4 a5     a6 a7    baseLayer 0, index 0, length 2
package struct MerkleRange: Hashable, Sendable {
    /// The layer of the hashes, counted from the leaves, which are layer 0.
    package var baseLayer: Int
    /// The index of the first hash in the base layer.
    package var index: Int
    /// The number of hashes.
    package var length: Int
    /// The number of ancestor layers to prove.
    package var proofLayers: Int

    /// Creates a range without checking it; see `validate(in:)`.
    package init(baseLayer: Int, index: Int, length: Int, proofLayers: Int) {
        self.baseLayer = baseLayer
        self.index = index
        self.length = length
        self.proofLayers = proofLayers
    }

    /// Creates a range with a proof up to the root of `shape`.
    package init(baseLayer: Int, index: Int, length: Int, provedIn shape: MerkleShape) {
        let proofLayers = max(0, shape.height - baseLayer - 1)
        self.init(baseLayer: baseLayer, index: index, length: length, proofLayers: proofLayers)
    }

    /// Checks that the range is valid in a tree of this shape. The properties below assume that it is.
    ///
    /// - Throws: `MerkleError`, whose code says which rule is broken.
    package func validate(in shape: MerkleShape) throws(MerkleError) {
        guard 0..<shape.height ~= baseLayer else {
            throw .baseLayerOutOfTree(baseLayer, height: shape.height)
        }
        let width = shape.width(at: baseLayer)
        let count = shape.count(at: baseLayer)
        guard 1...MerkleLimits.maximumHashesPerRequest ~= length else {
            throw .badLength(length, maximum: MerkleLimits.maximumHashesPerRequest)
        }
        guard 0..<count ~= index, index + subtreeWidth <= width else {
            throw .beyondLayer(index: index, length: length, width: width)
        }
        guard length == subtreeWidth || index + length == count else {
            throw .badLength(length, maximum: MerkleLimits.maximumHashesPerRequest)
        }
        guard index.isMultiple(of: subtreeWidth) else { throw .misaligned(index: index, length: length) }
        let maximum = shape.height - baseLayer - 1
        guard 0...maximum ~= proofLayers else { throw .tooManyProofLayers(proofLayers, maximum: maximum) }
    }

    /// The number of uncles in the answer.
    package var uncleCount: Int { proofLayers < subtreeLevels ? 0 : proofLayers - subtreeLevels + 1 }

    /// The number of hashes in the answer, uncles included.
    package var hashCount: Int { length + uncleCount }

    /// The position of the node that the answer proves: the root, if the proof reaches up to it.
    package var provenNode: (layer: Int, index: Int) {
        let levels = subtreeLevels + uncleCount
        return (baseLayer + levels, index >> levels)
    }

    /// The number of layers from the base layer up to the single node above the range.
    var subtreeLevels: Int { MerkleShape.height(covering: max(2, length)) }

    /// `length` rounded up to a power of two, at least 2: the range's length if the layer did not end.
    private var subtreeWidth: Int { 1 << subtreeLevels }
}

extension MerkleShape {
    /// Returns the request, proved up to the root, that covers the node at `index` of `layer` and its neighbours. Nil
    /// if the layer is the root's or does not exist, or if the node covers no data. Each node of a layer is in exactly
    /// one such request.
    package func makeRange(
        holding index: Int,
        at layer: Int,
        maximumLength: Int = MerkleLimits.recommendedHashesPerRequest
    ) -> MerkleRange? {
        guard 0..<height ~= layer, 0..<count(at: layer) ~= index, maximumLength >= 2 else { return nil }
        let widest = 1 << (MerkleShape.height(covering: min(maximumLength, width(at: layer)) + 1) - 1)
        let start = index & ~(widest - 1)
        let needed = 1 << MerkleShape.height(covering: max(2, count(at: layer) - start))
        return MerkleRange(baseLayer: layer, index: start, length: min(widest, needed), provedIn: self)
    }

    /// Returns the requests that together fetch a layer, each proved up to the root. They are computed lazily. Empty if
    /// the layer is the root's or does not exist.
    package func makeRanges(
        at layer: Int,
        maximumLength: Int = MerkleLimits.recommendedHashesPerRequest
    ) -> some Sequence<MerkleRange> {
        sequence(state: 0) { index in
            let range = makeRange(holding: index, at: layer, maximumLength: maximumLength)
            index += range?.length ?? 0
            return range
        }
    }
}
