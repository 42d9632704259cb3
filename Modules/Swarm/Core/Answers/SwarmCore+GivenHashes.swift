// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import RucheCrypto
internal import RucheStorage
package import RucheWire

/// Hashes of v2 trees that peers request (BEP 52).
///
/// Leaf hashes are computed from the disk, and trees above piece layers from the layers: both are jobs for the pool. A
/// peer has one at a time, and all peers together `SwarmLimits.hashJobsPerTorrent`.
extension SwarmCore {
    /// Handles the leaf hashes that the driver read for `.readLeaves`; empty if it could not. `slot` is nil if the peer
    /// has left.
    package mutating func handleLeaves(
        _ leaves: [SHA256Digest],
        of piece: PieceIndex,
        for request: HashRequest,
        to slot: PeerSlot?,
        in batch: inout SwarmBatch
    ) {
        hashJobCount = max(0, hashJobCount - 1)
        if let slot, let peer = peers[slot] {
            peer.answers.handleJobEnded()
            answer(request, with: makeLeafHashes(request, leaves, of: piece), slot, in: &batch)
        }
        // Others come first: this peer has just had its turn.
        serveWaiting(in: &batch)
        if let slot { serve(slot, in: &batch) }
    }

    /// Handles the tree that the driver computed for `.makeTree`; nil if it could not.
    package mutating func handleTree(_ tree: MerkleTree?, of root: SHA256Digest, in batch: inout SwarmBatch) {
        hashJobCount = max(0, hashJobCount - 1)
        content?.torrent?.layerTrees.handleMade(tree, of: root)
        serveWaiting(in: &batch)
    }

    /// Answers a hash request whose turn it is, or starts the job that the answer needs.
    mutating func giveHashes(_ request: HashRequest, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let entry = content?.torrent?.trees.entry(of: request.root),
            (try? request.range.validate(in: entry.tree.shape)) != nil
        else { return answer(request, with: nil, slot, in: &batch) }
        let needsTree = entry.tree.hasPieceLayer
        if needsTree, content?.torrent?.layerTrees.tree(of: entry.root) == nil {
            return makeTree(of: entry, for: request, slot, in: &batch)
        }
        if let piece = content?.torrent?.trees.piece(ofLeafRequest: request), content?.picker.have[piece] == true {
            guard takeJob(for: request, slot) else { return }
            batch.add(.readLeaves(slot, request, piece))
            peers[slot]?.answers.handleJobStarted()
            return
        }
        var hashes: [SHA256Digest]?
        if Int(request.baseLayer) == entry.tree.pieceLayer, let tree = content?.torrent?.layerTrees.tree(of: entry.root)
        {
            work.add(Int(request.length))
            hashes = try? tree.makeHashes(for: request.range, in: entry.tree.shape)
        }
        answer(request, with: hashes, slot, in: &batch)
    }

    private mutating func makeTree(
        of entry: FileTrees.Entry,
        for request: HashRequest,
        _ slot: PeerSlot,
        in batch: inout SwarmBatch
    ) {
        guard let layer = content?.torrent?.layers.known(of: entry.root),
            content?.torrent?.layerTrees.isFailing(entry.root) == false
        else {
            return answer(request, with: nil, slot, in: &batch)
        }
        if content?.torrent?.layerTrees.isUnderWay(entry.root) == false {
            guard takeJob(for: request, slot) else { return }
            content?.torrent?.layerTrees.handleBegun(entry.root)
            batch.add(.makeTree(root: entry.root, layer: layer, at: entry.tree.pieceLayer))
        }
        peers[slot]?.answers.handleWaiting(with: request)
    }

    /// Returns whether a job may start; if not, the peer waits for one.
    private mutating func takeJob(for request: HashRequest, _ slot: PeerSlot) -> Bool {
        guard hashJobCount < limits.hashJobsPerTorrent else {
            peers[slot]?.answers.handleWaiting(with: request)
            return false
        }
        hashJobCount += 1
        return true
    }

    /// Gives peers that wait for a job their turn, because one has ended.
    private mutating func serveWaiting(in batch: inout SwarmBatch) {
        turn &+= 1
        let waiting = peers.occupied.filter { peers[$0]?.answers.waitsForJob == true }
        for slot in waiting.turned(by: turn) {
            peers[slot]?.answers.handleJobEnded()
            serve(slot, in: &batch)
        }
    }

    private mutating func makeLeafHashes(
        _ request: HashRequest,
        _ leaves: [SHA256Digest],
        of piece: PieceIndex
    ) -> [SHA256Digest]? {
        guard let entry = content?.torrent?.trees.entry(of: request.root),
            let subtree = MerkleTree(base: leaves, height: entry.tree.pieceLayer)
        else { return nil }
        guard entry.tree.hasPieceLayer else {
            return try? subtree.makeHashes(for: request.range, in: entry.tree.shape)
        }
        guard let tree = content?.torrent?.layerTrees.tree(of: entry.root) else { return nil }
        let position = piece.int - entry.firstPiece
        return try? tree.makeHashes(for: request.range, in: entry.tree.shape, below: position, subtree: subtree)
    }

    private mutating func answer(
        _ request: HashRequest,
        with hashes: [SHA256Digest]?,
        _ slot: PeerSlot,
        in batch: inout SwarmBatch
    ) {
        guard let hashes else { return refuse(.hashes(request), slot, in: &batch) }
        send(.hashes(request, ByteBuffer(digests: hashes)), to: slot, in: &batch)
    }
}

extension ByteBuffer {
    fileprivate init(digests: [SHA256Digest]) {
        self.init()
        reserveCapacity(digests.count * SHA256Digest.byteCount)
        for digest in digests { digest.withUnsafeBytes { _ = writeBytes($0) } }
    }
}
