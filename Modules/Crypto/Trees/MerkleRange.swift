// SPDX-License-Identifier: Apache-2.0

/// Which hashes of a tree a BEP 52 "hash request" asks for, and how far up it wants them proved.
///
/// The answer holds `length` nodes of the base layer and then their uncles, lowest first. A proof layer whose nodes
/// follow from the hashes themselves has no uncle in the answer, but counts.
///
///     layer 3                      R
///     layer 2          A                      B           an uncle of C, in the answer if proofLayers is 2
///     layer 1     C         D            E         F      D is an uncle of a0 and a1, there if proofLayers is 1 or 2
///     layer 0   a0 a1     a2 a3        a4 a5     a6 a7    baseLayer 0, index 0, length 2
public struct MerkleRange: Hashable, Sendable {
    /// Counted from the leaves, 0.
    public var baseLayer: Int
    /// First hash in that layer.
    public var index: Int
    /// Hashes of that layer.
    public var length: Int
    /// Ancestor layers to prove.
    public var proofLayers: Int

    /// A range from its fields, unchecked: see `validate(in:)`.
    public init(baseLayer: Int, index: Int, length: Int, proofLayers: Int) {
        self.baseLayer = baseLayer
        self.index = index
        self.length = length
        self.proofLayers = proofLayers
    }

    /// A range proved up to the root of `shape`.
    public init(baseLayer: Int, index: Int, length: Int, provedIn shape: MerkleShape) {
        let proofLayers = max(0, shape.height - baseLayer - 1)
        self.init(baseLayer: baseLayer, index: index, length: length, proofLayers: proofLayers)
    }

    /// Checks that the range can be asked of a tree of this shape. Every other member trusts that it was.
    ///
    /// - Throws: `MerkleError`, which says what is wrong with the range.
    public func validate(in shape: MerkleShape) throws(MerkleError) {
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

    /// Uncle hashes in the answer.
    public var uncleCount: Int { proofLayers < subtreeLevels ? 0 : proofLayers - subtreeLevels + 1 }

    /// All hashes in the answer.
    public var hashCount: Int { length + uncleCount }

    /// Where the node stands that the answer proves: the root if proof layers were asked for up to it.
    public var provenNode: (layer: Int, index: Int) {
        let levels = subtreeLevels + uncleCount
        return (baseLayer + levels, index >> levels)
    }

    /// Layers from the base layer up to the one node above the whole range.
    var subtreeLevels: Int { MerkleShape.height(covering: max(2, length)) }

    /// `length`, or what it would be had the layer's end not cut it.
    private var subtreeWidth: Int { 1 << subtreeLevels }
}

extension MerkleShape {
    /// The request, proved up to the root, for the node at `index` of `layer` and its neighbours; nil where the layer
    /// is the root or missing, or the node covers no data. Every node of a layer falls in exactly one such request.
    public func makeRange(
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

    /// The requests that fetch a whole layer, each proved up to the root, made as they are asked for; none where the
    /// layer is the root or missing.
    public func makeRanges(
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
