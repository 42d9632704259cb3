// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The nodes of pieces, which peers prove to each other in blocks.
extension FeedContent {
    /// Asks for the blocks that are missing up to the newest head, the oldest first, each from some peer that knows of it.
    mutating func askForNodes(in batch: inout ExtensionBatch<Self>) {
        for peer in asked.expire(at: batch.now) { rest(peer, in: &batch) }
        guard contradiction == nil, let nodes, !nodes.isComplete else { return asked.removeAll { _ in true } }
        asked.removeAll(where: nodes.holds)
        var next = nodes.end
        while asked.hasRoom, let block = FeedBlock(holding: next, of: nodes.pieceCount) {
            next = block.pieces.upperBound
            guard !nodes.holds(block), !asked.contains(block) else { continue }
            guard let peer = choosePeer(knowing: block, in: &batch) else { break }
            if batch.send(FeedMessage.ask(block).encoded, to: peer) {
                asked.add(block, at: peer, at: batch.now)
            } else {
                rest(peer, in: &batch)
            }
        }
        batch.wake(at: batch.now + (asked.asks.isEmpty ? FeedAsks.rest : FeedAsks.patience))
    }

    /// Returns some peer that knows of the block and has answered so far.
    private func choosePeer(knowing block: FeedBlock, in batch: inout ExtensionBatch<Self>) -> PeerHandle? {
        let needed = block.pieces.upperBound * shape.pieceLength
        let choices = batch.peers.filter { peer in
            batch[peer].map { $0.byteCount >= needed && $0.restsUntil <= batch.now } ?? false
        }
        return choices.randomElement(using: &batch.random)
    }

    func answer(_ block: FeedBlock, to peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        guard let proof = nodes?.makeProof(of: block) else {
            batch.send(FeedMessage.lacks(first: block.first).encoded, to: peer)
            return
        }
        batch.send(FeedMessage.proof(block, nodes: proof.nodes, uncles: proof.uncles).encoded, to: peer)
    }

    mutating func handleLacking(_ first: Int, at peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        guard asked.end(first, at: peer) else { return }
        rest(peer, in: &batch)
    }

    /// Lets others be asked first for a while.
    private func rest(_ peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        let end = batch.now + FeedAsks.rest
        batch[peer]?.restsUntil = end
    }

    /// Adopts what a peer has proven, if it was asked.
    mutating func handle(_ proof: FeedProof, by peer: PeerHandle, in batch: inout ExtensionBatch<Self>) {
        // An answer that comes too late is not an offence.
        guard contradiction == nil, asked.end(proof.block.first, at: peer) else { return }
        switch nodes?.handle(proof) {
        case .proven:
            if let settled, let head, let found = contradiction(between: settled, and: head, node: { proof[$0] }) {
                return end(by: found, in: &batch)
            }
            let wasComplete = settled == head
            reshape()
            // Others wait for what we know now.
            if nodes?.isComplete == true, !wasComplete { for peer in batch.peers { tell(peer, in: &batch) } }
        case .wrong:
            rest(peer, in: &batch)
            batch.misbehaved(peer)
        case .unprovable, nil: rest(peer, in: &batch)
        }
    }
}
