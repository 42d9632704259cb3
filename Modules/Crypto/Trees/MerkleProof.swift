// SPDX-License-Identifier: Apache-2.0

extension MerkleRange {
    /// Returns the answer to this request: the hashes of the range, then their uncles.
    ///
    /// `node` looks up nodes that cover data, and returns nil for those we do not have.
    ///
    /// - Throws: `MerkleError` if the range is not valid in `shape`; with the code `.unknownNode` if `node` returns
    ///   nil.
    package func makeHashes(
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

    /// Checks an answer against the known node at `provenNode`, usually the root.
    ///
    /// - Throws: `MerkleError` with the code `.mismatch`, or the errors of `computeProvenNode`.
    package func verify(
        _ hashes: [SHA256Digest],
        in shape: MerkleShape,
        leadTo expected: SHA256Digest
    ) throws(MerkleError) {
        let computed = try computeProvenNode(from: hashes, in: shape)
        guard computed == expected else {
            throw .mismatch(layer: provenNode.layer, index: provenNode.index)
        }
    }

    /// Returns the node at `provenNode` that follows from an answer. The caller must compare it with the known node.
    ///
    /// - Throws: `MerkleError` if the range is not valid in `shape`; with the code `.wrongHashCount` for another number
    ///   of hashes.
    package func computeProvenNode(
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
    /// Returns the answer to `range` in a file with this shape. This tree must hold the file's piece layer (or its
    /// leaves) and everything above.
    ///
    /// - Throws: `MerkleError` if the range is not valid in `shape`, or this tree lacks a node.
    package func makeHashes(for range: MerkleRange, in shape: MerkleShape) throws(MerkleError) -> [SHA256Digest] {
        try range.makeHashes(in: shape) { node(at: $0, index: $1) }
    }

    /// Returns the answer to `range`, which may reach below this tree's base layer into `subtree`, the tree of the
    /// piece at `position`.
    ///
    /// - Throws: `MerkleError` if the range is not valid in `shape`, or neither tree has a required node.
    package func makeHashes(
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
