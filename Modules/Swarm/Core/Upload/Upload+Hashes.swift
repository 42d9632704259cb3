// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheWire

/// Hashes of v2 trees that peers request (BEP 52).
///
/// Leaf hashes are computed from the disk, and trees above piece layers from the layers: both are jobs for the pool. A
/// peer has one at a time, and all peers together `SwarmLimits.hashJobsPerTorrent`.
extension Upload {
    /// Handles the leaf hashes that the driver read for `.readLeaves`; empty if it could not. `peer` is nil if the peer
    /// has left.
    mutating func handleLeaves(
        _ leaves: [SHA256Digest],
        of piece: PieceIndex,
        for request: HashRequest,
        to peer: ConnectedPeer?,
        _ content: SwarmContent?,
        in batch: inout SwarmBatch
    ) {
        hashJobCount = max(0, hashJobCount - 1)
        guard let peer else { return }
        peer.answers.handleJobEnded()
        let hashes = content?.torrent?.makeLeafHashes(request, leaves, of: piece)
        answer(request, with: hashes, to: peer, in: &batch)
    }

    /// Handles the tree that the driver computed for `.makeTree`; nil if it could not.
    mutating func handleTree(_ tree: MerkleTree?, of root: SHA256Digest, _ content: SwarmContent?) {
        hashJobCount = max(0, hashJobCount - 1)
        content?.torrent?.layerTrees.handleMade(tree, of: root)
    }

    /// Answers a hash request whose turn it is, or starts the job that the answer needs.
    mutating func giveHashes(
        _ request: HashRequest,
        to peer: ConnectedPeer,
        _ content: SwarmContent?,
        in batch: inout SwarmBatch
    ) {
        guard let content, let torrent = content.torrent, let entry = torrent.trees.entry(of: request.root),
            (try? request.range.validate(in: entry.tree.shape)) != nil
        else { return answer(request, with: nil, to: peer, in: &batch) }
        if entry.tree.hasPieceLayer, torrent.layerTrees.tree(of: entry.root) == nil {
            return makeTree(of: entry, for: request, of: peer, content, in: &batch)
        }
        if let piece = torrent.trees.piece(ofLeafRequest: request), content.picker.have[piece] {
            guard takeJob(for: request, of: peer) else { return }
            batch.add(.readLeaves(peer.slot, request, piece))
            return peer.answers.handleJobStarted()
        }
        var hashes: [SHA256Digest]?
        if Int(request.baseLayer) == entry.tree.pieceLayer, let tree = torrent.layerTrees.tree(of: entry.root) {
            work.add(Int(request.length))
            hashes = try? tree.makeHashes(for: request.range, in: entry.tree.shape)
        }
        answer(request, with: hashes, to: peer, in: &batch)
    }

    private mutating func makeTree(
        of entry: FileTrees.Entry,
        for request: HashRequest,
        of peer: ConnectedPeer,
        _ content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        guard let layer = content.torrent?.layers.known(of: entry.root),
            content.torrent?.layerTrees.isFailing(entry.root) == false
        else {
            return answer(request, with: nil, to: peer, in: &batch)
        }
        if content.torrent?.layerTrees.isUnderWay(entry.root) == false {
            guard takeJob(for: request, of: peer) else { return }
            content.torrent?.layerTrees.handleBegun(entry.root)
            batch.add(.makeTree(root: entry.root, layer: layer, at: entry.tree.pieceLayer))
        }
        peer.answers.handleWaiting(with: request)
    }

    /// Returns whether a job may start; if not, the peer waits for one.
    private mutating func takeJob(for request: HashRequest, of peer: ConnectedPeer) -> Bool {
        guard hashJobCount < limits.hashJobsPerTorrent else {
            peer.answers.handleWaiting(with: request)
            return false
        }
        hashJobCount += 1
        return true
    }

    private func answer(
        _ request: HashRequest,
        with hashes: [SHA256Digest]?,
        to peer: ConnectedPeer,
        in batch: inout SwarmBatch
    ) {
        guard let hashes else { return refuse(.hashes(request), of: peer, in: &batch) }
        peer.send(.hashes(request, ByteBuffer(digests: hashes)), in: &batch)
    }
}

extension TorrentContent {
    /// Returns the answer to a request for leaves of `piece`; nil if it cannot be given.
    fileprivate func makeLeafHashes(
        _ request: HashRequest,
        _ leaves: [SHA256Digest],
        of piece: PieceIndex
    ) -> [SHA256Digest]? {
        guard let entry = trees.entry(of: request.root),
            let subtree = MerkleTree(base: leaves, height: entry.tree.pieceLayer)
        else { return nil }
        guard entry.tree.hasPieceLayer else {
            return try? subtree.makeHashes(for: request.range, in: entry.tree.shape)
        }
        guard let tree = layerTrees.tree(of: entry.root) else { return nil }
        let position = piece.int - entry.firstPiece
        return try? tree.makeHashes(for: request.range, in: entry.tree.shape, below: position, subtree: subtree)
    }
}

extension ByteBuffer {
    fileprivate init(digests: [SHA256Digest]) {
        self.init()
        reserveCapacity(digests.count * SHA256Digest.byteCount)
        for digest in digests { digest.withUnsafeBytes { _ = writeBytes($0) } }
    }
}
