// SPDX-License-Identifier: Apache-2.0

/// Computes nodes of BEP 52 trees, many side by side where there are many. Nothing is allocated for a node.
///
/// Owner: one thread at a time.
public struct MerkleHasher: ~Copyable {
    private var lanes = HashLanes<SHA256Digest>()

    /// Ready to hash.
    public init() {}

    /// The leaf over one block: 16 KiB, or fewer bytes at the end of a file.
    public mutating func leaf(_ block: UnsafeRawBufferPointer) -> SHA256Digest {
        lanes.hash(block)
    }

    /// Appends the leaves of `bytes`, which start at a block boundary; only the last may be short.
    public mutating func appendLeaves(of bytes: UnsafeRawBufferPointer, to leaves: inout [SHA256Digest]) {
        lanes.hash(partsOf: bytes, of: MerkleTree.leafByteCount, into: &leaves)
    }

    /// The leaves of whole blocks or ends of files, wherever each lies.
    public mutating func leaves(of blocks: [UnsafeRawBufferPointer]) -> [SHA256Digest] { lanes.hash(blocks) }

    /// The parent of two nodes.
    public mutating func combine(_ left: SHA256Digest, _ right: SHA256Digest) -> SHA256Digest {
        withUnsafeBytes(of: (left, right)) { lanes.hash($0) }
    }

    /// The nodes one layer above `nodes`, which stand at `layer` from its left end; a last lone one is joined with a
    /// pad.
    public mutating func parents(of nodes: [SHA256Digest], at layer: Int) -> [SHA256Digest] {
        var parents = nodes
        reduce(&parents, at: layer)
        return parents
    }

    /// The node `levels` above the left-most of `nodes`, when they stand at `layer`, aligned, and are followed by pads.
    /// No node at all is a pad subtree. Nodes beyond `1 << levels` are an error of the caller.
    public mutating func root(of nodes: some Collection<SHA256Digest>, at layer: Int = 0, levels: Int) -> SHA256Digest {
        precondition(
            levels <= MerkleLimits.maximumHeight && nodes.count <= 1 << levels,
            "\(nodes.count) nodes do not fit under \(levels) levels"
        )
        guard !nodes.isEmpty else { return MerkleTree.padRoot(height: layer + levels) }
        var row = Array(nodes)
        for level in 0..<levels { reduce(&row, at: layer + level) }
        return row[0]
    }

    /// Replaces `row`, whose nodes stand at `layer`, by their parents.
    private mutating func reduce(_ row: inout [SHA256Digest], at layer: Int) {
        if !row.count.isMultiple(of: 2) { row.append(MerkleTree.padRoot(height: layer)) }
        let parentCount = row.count / 2
        row.withUnsafeMutableBufferPointer { row in
            let pairs = UnsafeRawBufferPointer(row)
            let pairByteCount = 2 * SHA256Digest.byteCount
            lanes.hash(
                parentCount,
                // Two neighbours lie together in memory, as they are hashed.
                message: { UnsafeRawBufferPointer(rebasing: pairs[$0 * pairByteCount..<($0 + 1) * pairByteCount]) },
                // Each goes where it, or a pair hashed before, was.
                result: { row[$0] = $1 }
            )
        }
        row.removeLast(row.count - parentCount)
    }
}
