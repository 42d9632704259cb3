// SPDX-License-Identifier: Apache-2.0

/// Computes nodes of BEP 52 trees, many at once where possible, without allocating per node.
///
/// Use it from one thread at a time.
package struct MerkleHasher: ~Copyable {
    private var lanes = HashLanes<SHA256Digest>()

    /// Creates a hasher and allocates its buffers.
    package init() {}

    /// Returns the leaf of one block: 16 KiB, or less at the end of a file.
    package mutating func leaf(_ block: UnsafeRawBufferPointer) -> SHA256Digest {
        lanes.hash(block)
    }

    /// Appends the leaves of `bytes`, which must start at a block boundary. Only the last block may be short.
    package mutating func appendLeaves(of bytes: UnsafeRawBufferPointer, to leaves: inout [SHA256Digest]) {
        lanes.hash(partsOf: bytes, of: MerkleTree.leafByteCount, into: &leaves)
    }

    /// Returns the leaf of each block. The blocks may lie anywhere in memory and may be short.
    package mutating func leaves(of blocks: [UnsafeRawBufferPointer]) -> [SHA256Digest] { lanes.hash(blocks) }

    /// Returns the parent of two nodes.
    package mutating func combine(_ left: SHA256Digest, _ right: SHA256Digest) -> SHA256Digest {
        withUnsafeBytes(of: (left, right)) { lanes.hash($0) }
    }

    /// Returns the nodes one layer above `nodes`, which start at the left end of `layer`. An odd last node is paired
    /// with a pad.
    package mutating func parents(of nodes: [SHA256Digest], at layer: Int) -> [SHA256Digest] {
        var parents = nodes
        reduce(&parents, at: layer)
        return parents
    }

    /// Returns the node `levels` above `nodes`, which start at an aligned position of `layer` and are followed by pads.
    /// For no nodes, it is the root of pads only. More than `1 << levels` nodes trap.
    package mutating func root(of nodes: some Collection<SHA256Digest>, at layer: Int = 0, levels: Int) -> SHA256Digest
    {
        precondition(
            levels <= MerkleLimits.maximumHeight && nodes.count <= 1 << levels,
            "\(nodes.count) nodes do not fit under \(levels) levels"
        )
        guard !nodes.isEmpty else { return MerkleTree.padRoot(height: layer + levels) }
        var row = Array(nodes)
        for level in 0..<levels { reduce(&row, at: layer + level) }
        return row[0]
    }

    /// Replaces `row`, the nodes of `layer`, with their parents.
    private mutating func reduce(_ row: inout [SHA256Digest], at layer: Int) {
        if !row.count.isMultiple(of: 2) { row.append(MerkleTree.padRoot(height: layer)) }
        let parentCount = row.count / 2
        row.withUnsafeMutableBufferPointer { row in
            let pairs = UnsafeRawBufferPointer(row)
            let pairByteCount = 2 * SHA256Digest.byteCount
            lanes.hash(
                parentCount,
                // The two children are adjacent in memory, in the order in which they are hashed.
                message: { UnsafeRawBufferPointer(rebasing: pairs[$0 * pairByteCount..<($0 + 1) * pairByteCount]) },
                // Each parent overwrites a node that has already been hashed.
                result: { row[$0] = $1 }
            )
        }
        row.removeLast(row.count - parentCount)
    }
}
