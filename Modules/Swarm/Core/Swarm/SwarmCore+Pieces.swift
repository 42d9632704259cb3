// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
package import RucheCrypto
package import RucheWire

/// Blocks and pieces, from and to peers.
extension SwarmCore {
    // MARK: - Blocks from peers

    /// Handles the first bytes of a block from `slot`, and returns where they belong. Nil if none is expected: skip the
    /// block, and report it with `handleUnwanted` once it has passed.
    package mutating func handleBlockBegun(_ block: BlockRequest, from slot: PeerSlot) -> BlockArrival? {
        content?.picker.handleBlockBegun(block, from: slot)
    }

    /// Returns whether further bytes of an arrival are kept. Call it before each write: another peer may have delivered
    /// the block.
    package func isArriving(_ arrival: BlockArrival) -> Bool { content?.picker.isArriving(arrival) ?? false }

    /// Handles a complete block. Returns whether it now belongs to its piece. Bytes in a spare cell must be copied to
    /// the block's place before the effects are executed.
    package mutating func handleBlock(
        _ arrival: BlockArrival,
        from slot: PeerSlot,
        in batch: inout SwarmBatch
    ) -> Bool {
        guard let content, let peer = peers[slot] else { return false }
        defer { handleNews(in: &batch) }
        return download.handleBlock(arrival, from: peer, among: peers, content, in: &batch)
    }

    /// Handles an unwanted block: after a cancel or a choke it does not count against the peer; otherwise it does.
    package mutating func handleUnwanted(_ block: BlockRequest, from slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        download.handleUnwanted(block, from: peer, in: &batch)
        handleNews(in: &batch)
    }

    /// Handles a block that `slot`, a sender that cannot choose, is about to send, requested or not. Returns whether to
    /// accept it like a requested one; otherwise skip it.
    package func handleOffer(_ block: BlockRequest, from slot: PeerSlot, in batch: inout SwarmBatch) -> Bool {
        guard let content, let peer = peers[slot] else { return false }
        return download.handleOffer(block, from: peer, content, at: batch.now)
    }

    /// Returns whether any of `pieces` is wanted and missing.
    package func wantsAny(of pieces: ClosedRange<Int>) -> Bool {
        guard let picker = content?.picker else { return false }
        return pieces.contains { picker.wants(PieceIndex($0)) }
    }

    // MARK: - Pieces

    /// Handles the driver's verdict on a piece.
    package mutating func handleOutcome(_ outcome: PieceOutcome, of piece: PieceIndex, in batch: inout SwarmBatch) {
        guard let content else { return }
        handleMade(piece, content)
        switch outcome {
        case .stored(let digests):
            download.handleStored(piece, digests, content, in: &batch)
            handleNews(in: &batch)
            if piece.int >= content.picker.firstPiece { announce(piece, content, in: &batch) }
        case .wrong(let digests, let areLeaves):
            download.handleWrong(piece, digests, areLeaves: areLeaves, among: peers, content, in: &batch)
            handleNews(in: &batch)
        case .unknown, .notStored: download.fetchAgain(piece, content, in: &batch)
        case .disagreement:
            download.fetchAgain(piece, content, in: &batch)
            batch.add(.contradiction(piece))
        }
    }

    /// Announces `piece` to all peers, and the end of our interest to those that have nothing more for us.
    private mutating func announce(_ piece: PieceIndex, _ content: SwarmContent, in batch: inout SwarmBatch) {
        content.haveLog.append(piece)
        for slot in peers.occupied {
            guard let peer = peers[slot] else { continue }
            upload.tellOfHaves(peer, content, in: &batch)
            guard peer.pieces[piece] else { continue }
            peer.download.wantedCount -= 1
            if peer.download.wantedCount <= 0 { download.updateInterest(peer, in: &batch) }
        }
        reading.handleStored(piece, in: &batch)
        tellContent(of: piece, in: &batch)
        guard content.isFinished else { return }
        batch.add(.completed)
        handleFinished(content, in: &batch)
    }

    /// Handles the end of the download.
    mutating func handleFinished(_ content: SwarmContent, in batch: inout SwarmBatch) {
        connections.list.isSeed = content.isWhole
        for slot in peers.occupied {
            if let peer = peers[slot], isUseless(peer) { disconnect(peer, .bothComplete, in: &batch) }
        }
        tellUploadOnly(true, in: &batch)
        upload.runRound(among: peers, content, using: &random, in: &batch)
    }

    /// Handles a piece of ours that is damaged or gone.
    package mutating func handleLost(_ piece: PieceIndex, in batch: inout SwarmBatch) {
        guard let content, content.picker.have[piece] else { return }
        let wasFinished = isFinished
        content.picker.handlePieceLost(piece)
        for peer in peers.all(where: { $0.extensions.dontHave != 0 }) {
            let payload = DontHaveMessage(piece).encoded()
            peer.send(.extended(id: peer.extensions.dontHave, payload: payload), in: &batch)
        }
        download.recountWanted(among: peers, content, in: &batch)
        connections.list.isSeed = isSeed
        if wasFinished, !isFinished { tellUploadOnly(false, in: &batch) }
    }

    // MARK: - Blocks to peers

    /// Removes and returns the next block to send to `slot`; nil if there is none.
    package mutating func nextUpload(for slot: PeerSlot) -> BlockRequest? { peers[slot]?.upload.queue.popFirst() }

    /// Returns whether blocks wait to be sent to `slot`.
    package func hasUploads(for slot: PeerSlot) -> Bool { peers[slot]?.upload.queue.isEmpty == false }

    /// Handles a block that was passed to the peer's socket.
    package mutating func handleUploaded(_ block: BlockRequest, to slot: PeerSlot, in batch: inout SwarmBatch) {
        content?.superSeeding?.handleUploaded(block, to: slot, at: batch.now)
        upload.handleSent(block, to: peers[slot], in: &batch)
    }

    /// Handles a block that could not be read.
    package mutating func handleUnreadable(_ block: BlockRequest, for slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        upload.reject(block, of: peer, in: &batch)
        handleNews(in: &batch)
    }

    // MARK: - Hashes to peers

    /// Handles the leaf hashes that the driver read for `.readLeaves`; empty if it could not. `slot` is nil if the peer
    /// has left.
    package mutating func handleLeaves(
        _ leaves: [SHA256Digest],
        of piece: PieceIndex,
        for request: HashRequest,
        to slot: PeerSlot?,
        in batch: inout SwarmBatch
    ) {
        let peer = slot.flatMap { peers[$0] }
        upload.handleLeaves(leaves, of: piece, for: request, to: peer, content, in: &batch)
        handleNews(in: &batch)
        // Others come first: this peer has just had its turn.
        serveWaiting(in: &batch)
        if let peer { serve(peer, in: &batch) }
    }

    /// Handles the tree that the driver computed for `.makeTree`; nil if it could not.
    package mutating func handleTree(_ tree: MerkleTree?, of root: SHA256Digest, in batch: inout SwarmBatch) {
        upload.handleTree(tree, of: root, content)
        serveWaiting(in: &batch)
    }
}
