// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto

/// The trees above files' piece layers, from which hash requests are answered (BEP 52).
///
/// A tree has as many nodes again as its layer, and takes as many hashes to compute. Therefore it is computed on the
/// pool and kept; the least recently used is evicted first. `SwarmContent` owns it. Memory:
/// `SwarmBounds.keptTreeNodes`, or one tree.
struct LayerTrees: Sendable {
    private var kept: [(root: SHA256Digest, tree: MerkleTree)] = []
    /// Trees that are being computed.
    private var underWay: Set<SHA256Digest> = []
    private var failed: Set<SHA256Digest> = []

    /// Returns the tree of the file with this root, if it is kept.
    mutating func tree(of root: SHA256Digest) -> MerkleTree? {
        guard let index = kept.lastIndex(where: { $0.root == root }) else { return nil }
        let found = kept.remove(at: index)
        kept.append(found)
        return found.tree
    }

    /// Returns whether computing the tree has just failed.
    func isFailing(_ root: SHA256Digest) -> Bool { failed.contains(root) }

    /// Allows failed trees to be tried again.
    mutating func handleTick() { failed.removeAll() }

    /// Records that the tree is being computed.
    mutating func handleBegun(_ root: SHA256Digest) { underWay.insert(root) }

    /// Returns whether the tree is being computed.
    func isUnderWay(_ root: SHA256Digest) -> Bool { underWay.contains(root) }

    /// Handles a computed tree; nil if that failed.
    mutating func handleMade(_ tree: MerkleTree?, of root: SHA256Digest) {
        underWay.remove(root)
        guard let tree, tree.root == root else {
            failed.insert(root)
            return
        }
        kept.append((root, tree))
        var nodeCount = kept.reduce(0) { $0 + $1.tree.baseCount * 2 }
        while kept.count > 1, nodeCount > SwarmBounds.keptTreeNodes {
            nodeCount -= kept.removeFirst().tree.baseCount * 2
        }
    }
}

extension MerkleTree {
    fileprivate var baseCount: Int { nodes(at: baseLayer)?.count ?? 0 }
}
