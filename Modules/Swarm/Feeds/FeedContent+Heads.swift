// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// How far the feed reaches.
extension FeedContent {
    /// Follows a head that a peer knows, if it is news, and passes it on.
    mutating func handle(
        _ new: FeedHead,
        _ tail: [UInt8],
        _ newNodes: [SHA256Digest],
        from first: Int,
        by peer: PeerHandle,
        in batch: inout ExtensionBatch<Self>
    ) {
        guard contradiction == nil else { return tell(peer, in: &batch) }
        guard isNews(new) else { return handleOld(new, by: peer, in: &batch) }
        guard new.isSigned(by: author), pieceCount(of: new) <= ContentShape.pieceLimit else {
            return batch.misbehaved(peer)
        }
        note(new, at: peer, in: &batch)
        if let head, head.isLast { return end(by: FeedContradiction(head, new, .grewAfterEnd), in: &batch) }
        let count = pieceCount(of: new)
        if nodes == nil { nodes = FeedNodes(layer: layer, first: firstPiece(of: count)) }
        let peaks = piecePeaks(of: new)
        let placed = FeedNodes.placed(peaks, over: count)
        if let settled, let found = contradiction(between: settled, and: new, node: { placed[$0] }) {
            return end(by: found, in: &batch)
        }
        nodes?.grow(to: count, peaks, with: newNodes, from: first)
        head = new
        take(tail)
        batch.report(.grown(new))
        reshape()
        for peer in batch.peers { tell(peer, in: &batch) }
    }

    private func isNews(_ new: FeedHead) -> Bool {
        guard let head else { return true }
        return new.byteCount > head.byteCount || new.byteCount == head.byteCount && new.isLast && !head.isLast
    }

    private func firstPiece(of count: Int) -> Int {
        switch start {
        case .start: 0
        case .liveEdge(let pieces): max(0, count - max(1, pieces))
        }
    }

    /// Keeps the bytes after the last whole piece, if the head vouches for them.
    private mutating func take(_ bytes: [UInt8]) {
        guard let head, let leaf = head.shortLeaf, bytes.count == head.byteCount % shape.pieceLength else {
            tail = []
            return
        }
        var hasher = MerkleHasher()
        tail = bytes.withUnsafeBytes { hasher.leaf($0) } == leaf ? bytes : []
    }

    /// Lets the engine have the pieces that are proven by now.
    mutating func reshape() {
        guard let head, let nodes else { return }
        shape.firstPiece = nodes.first
        shape.byteCount = max(shape.byteCount, nodes.end * shape.pieceLength)
        guard nodes.isComplete else { return }
        settled = head
        guard head.isLast else { return }
        shape.byteCount = head.byteCount
        shape.isClosed = true
    }

    /// The last piece of a feed that has ended, if it is short.
    var shortPiece: FeedVerifier.ShortPiece? {
        guard let head = writer?.lastHead ?? head, head.isLast, !head.byteCount.isMultiple(of: shape.pieceLength) else {
            return nil
        }
        let count = head.completeLeafCount & ((1 << layer) - 1)
        var peaks = Array(head.peaks.suffix(count.nonzeroBitCount))
        var leafCount = count
        if let leaf = head.shortLeaf {
            peaks = GrowingTree.peaks(peaks, leafCount: count, adding: leaf) ?? []
            leafCount += 1
        }
        guard let root = GrowingTree.root(ofPeaks: peaks, leafCount: leafCount),
            let height = MerkleShape(leafCount: leafCount)?.height
        else { return nil }
        var hasher = MerkleHasher()
        let node = (height..<layer).reduce(root) { hasher.combine($0, MerkleTree.padRoot(height: $1)) }
        return FeedVerifier.ShortPiece(byteCount: head.byteCount % shape.pieceLength, node: node)
    }

    // MARK: - Telling

    /// Tells a peer of the newest head, or why there will be none.
    func tell(_ peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        guard let state = batch[peer] else { return }
        if let contradiction {
            guard !state.knowsEnd else { return }
            if batch.send(FeedMessage.contradiction(contradiction).encoded, to: peer) { batch[peer]?.knowsEnd = true }
            return
        }
        guard let head, let nodes, state.byteCount < head.byteCount || head.isLast && !state.knowsEnd else { return }
        let count = pieceCount(of: head)
        // A peer that lacks more asks for it, and not only us.
        let known = state.byteCount / shape.pieceLength
        let isSendable =
            nodes.isComplete && known >= nodes.first && known <= count
            && count - known <= FeedMessage.maximumNodeCount
        let latest = isSendable ? nodes.pieces[known - nodes.first..<count - nodes.first] : []
        let message = FeedMessage.head(head, tail: tail, first: count - latest.count, nodes: latest)
        if batch.send(message.encoded, to: peer) { note(head, at: peer, in: &batch) }
    }

    func note(_ head: FeedHead, at peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        let known = batch[peer]?.byteCount ?? 0
        batch[peer]?.byteCount = max(known, head.byteCount)
        if head.isLast { batch[peer]?.knowsEnd = true }
    }
}
