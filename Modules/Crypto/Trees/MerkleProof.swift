// SPDX-License-Identifier: Apache-2.0

extension MerkleRange {
    /// The answer to this request: the range's hashes and their uncles, of the tree that `node` looks into.
    ///
    /// `node` is asked for nodes that cover data only, and answers nil for those it does not know.
    ///
    /// - Throws: `MerkleError` for a range that is not of this shape, and where `node` does not know a node that is
    ///   needed.
    public func makeHashes(
        in shape: MerkleShape,
        node: (_ layer: Int, _ index: Int) -> SHA256Digest?
    ) throws(MerkleError) -> [SHA256Digest] {
        try validate(in: shape)
        var hashes: [SHA256Digest] = []
        hashes.reserveCapacity(hashCount)
        for index in index..<index + length {
            hashes.append(try Self.node(at: baseLayer, index: index, in: shape, known: node))
        }
        for level in subtreeLevels..<subtreeLevels + uncleCount {
            let uncle = (index >> level) ^ 1
            hashes.append(try Self.node(at: baseLayer + level, index: uncle, in: shape, known: node))
        }
        return hashes
    }

    /// Checks an answer against what is known: `expected` stands at `provenNode`, most often the root.
    ///
    /// - Throws: `MerkleError` where the range is not of this shape, the answer has the wrong number of hashes, or
    ///   does not lead there.
    public func verify(
        _ hashes: [SHA256Digest],
        in shape: MerkleShape,
        leadTo expected: SHA256Digest
    ) throws(MerkleError) {
        let computed = try computeProvenNode(from: hashes, in: shape)
        guard computed == expected else {
            throw .mismatch(layer: provenNode.layer, index: provenNode.index)
        }
    }

    /// The node at `provenNode` that an answer leads to; the caller compares it with what it knows.
    ///
    /// - Throws: `MerkleError` where the range is not of this shape, or the answer has the wrong number of hashes.
    public func computeProvenNode(
        from hashes: [SHA256Digest],
        in shape: MerkleShape
    ) throws(MerkleError) -> SHA256Digest {
        try validate(in: shape)
        guard hashes.count == hashCount else { throw .wrongHashCount(hashes.count, expected: hashCount) }
        var hasher = MerkleHasher()
        var node = hasher.root(of: hashes[..<length], at: baseLayer, levels: subtreeLevels)
        for (level, uncle) in zip(subtreeLevels..., hashes[length...]) {
            let isRightChild = (index >> level) & 1 == 1
            node = isRightChild ? hasher.combine(uncle, node) : hasher.combine(node, uncle)
        }
        return node
    }

    private static func node(
        at layer: Int,
        index: Int,
        in shape: MerkleShape,
        known: (_ layer: Int, _ index: Int) -> SHA256Digest?
    ) throws(MerkleError) -> SHA256Digest {
        guard index < shape.count(at: layer) else { return MerkleTree.padRoot(height: layer) }
        guard let node = known(layer, index) else { throw .unknownNode(layer: layer, index: index) }
        return node
    }
}

extension MerkleTree {
    /// The answer to `range`, asked of the file of this shape whose piece layer (or leaves) this tree stands on.
    ///
    /// - Throws: `MerkleError` where the range is not of this shape, or this tree lacks a node.
    public func makeHashes(for range: MerkleRange, in shape: MerkleShape) throws(MerkleError) -> [SHA256Digest] {
        try range.makeHashes(in: shape) { node(at: $0, index: $1) }
    }

    /// The answer to `range`, which may reach below this tree's base into `subtree`, the tree of the piece that stands
    /// at `position` there.
    ///
    /// - Throws: `MerkleError` where the range is not of this shape, or neither tree has a node that is needed.
    public func makeHashes(
        for range: MerkleRange,
        in shape: MerkleShape,
        below position: Int,
        subtree: MerkleTree
    ) throws(MerkleError) -> [SHA256Digest] {
        try range.makeHashes(in: shape) { layer, index in
            guard layer < baseLayer else { return node(at: layer, index: index) }
            let levels = baseLayer - layer
            guard index >> levels == position else { return nil }
            return subtree.node(at: layer, index: index & ((1 << levels) - 1))
        }
    }
}
