// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// The pieces that peers have, and those that we announce. They concern all parts.
extension SwarmCore {
    /// Handles `bitfield`, `have`, `have all` or `have none`.
    mutating func handleDescription(_ message: PeerMessage, _ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard let content else { return keepForLater(message, peer, in: &batch) }
        switch message {
        case .have(let piece):
            handleHave(piece, peer, content, in: &batch)
        case .bitfield(let bytes):
            guard let pieces = content.pieces(bytes.readableBytesView) else {
                return batch.accuse(peer, of: .wrongBitfield)
            }
            handlePieces(pieces, peer, content, in: &batch)
        case .haveAll:
            handlePieces(content.allPieces, peer, content, in: &batch)
        default:
            break
        }
    }

    /// Keeps what a peer announces about its pieces before the metadata is known, within a limit.
    func keepForLater(_ message: PeerMessage, _ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard peer.description.early.count < limits.earlyHavesPerPeer else {
            return batch.accuse(peer, of: .floodOfHaves)
        }
        peer.description.early.handle(message)
    }

    /// Handles a description of all pieces. BEP 3 allows it only as the first message, but some (aria2) send a bitfield
    /// in place of many `have` messages: new pieces in it count.
    private mutating func handlePieces(
        _ pieces: PeerPieces,
        _ peer: ConnectedPeer,
        _ content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        guard peer.description.mayDescribe, peer.pieces.isEmpty else {
            return handleLateBitfield(pieces, peer, content, in: &batch)
        }
        peer.description.mayDescribe = false
        peer.pieces = pieces
        peer.description.coveredCount = UInt32(clamping: pieces.coveredCount)
        content.picker.handlePeerHas(pieces)
        peer.download.wantedCount = content.picker.wantedCount(in: pieces)
        if pieces.isSeed { connections.list.handleSeed(peer.endpoint, isSeed: true) }
        if isUseless(peer) { return disconnect(peer, .bothComplete, in: &batch) }
        download.updateInterest(peer, in: &batch)
    }

    private mutating func handleLateBitfield(
        _ pieces: PeerPieces,
        _ peer: ConnectedPeer,
        _ content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        countHave(of: peer, content, in: &batch)
        guard !peer.isGone, let old = peer.pieces.bits else { return }
        guard let new = pieces.bits else { return handleLateHaveAll(peer, in: &batch) }
        work.add(new.words.count)
        for piece in new.indices(missingIn: old.resized(to: new.count)) {
            guard !peer.isGone else { return }
            handleHave(piece, peer, content, in: &batch)
        }
    }

    /// Handles a peer that had some pieces and now has all: known at once, and counted at the tick.
    private mutating func handleLateHaveAll(_ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        peer.description.recount.isSeed = true
        connections.list.handleSeed(peer.endpoint, isSeed: true)
        if isUseless(peer) { disconnect(peer, .bothComplete, in: &batch) }
    }

    private mutating func handleHave(
        _ piece: PieceIndex,
        _ peer: ConnectedPeer,
        _ content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        guard content.mayExist(piece, at: peer) else { return handleUnknown(peer, content, in: &batch) }
        countHave(of: peer, content, in: &batch)
        guard !peer.isGone else { return }
        peer.description.recount.handleHave(piece)
        guard peer.pieces.insert(piece) else { return }
        content.picker.handlePeerHas(piece)
        content.firstCopies.handleHave(piece, at: peer.slot)
        if peer.pieces.isSeed {
            peer.description.recount.isSeed = true
            connections.list.handleSeed(peer.endpoint, isSeed: true)
        }
        if content.picker.wants(piece) { peer.download.wantedCount += 1 }
        upload.revealNext(after: piece, at: peer, among: peers, of: content, in: &batch)
        if isUseless(peer) { return disconnect(peer, .bothComplete, in: &batch) }
        download.updateInterest(peer, in: &batch)
    }

    /// Handles an unknown piece that a peer named. It may know far more of growing content than we do: ignored.
    mutating func handleUnknown(_ peer: ConnectedPeer, _ content: SwarmContent, in batch: inout SwarmBatch) {
        guard !content.shape.isClosed else { return batch.accuse(peer, of: .indexOutOfRange) }
        countHave(of: peer, content, in: &batch)
    }

    /// Counts a message about pieces: a peer needs few more of them than there are pieces.
    private mutating func countHave(of peer: ConnectedPeer, _ content: SwarmContent, in batch: inout SwarmBatch) {
        peer.description.haveCount += 1
        peer.description.mayDescribe = false
        if Int(peer.description.haveCount) > 2 * max(content.geometry.pieceCount, peer.pieces.coveredCount) + 64 {
            misbehave(.floodOfHaves, by: peer, in: &batch)
        }
    }

    /// Handles `lt_donthave` (BEP 54).
    mutating func handleDontHave(_ piece: PieceIndex, _ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard let content else { return batch.accuse(peer, of: .indexOutOfRange) }
        guard content.mayExist(piece, at: peer) else { return handleUnknown(peer, content, in: &batch) }
        guard peer.pieces[piece] else { return }
        if case .all = peer.pieces {
            guard peer.description.recount.lost.count < SwarmBounds.lossesPerTick else {
                return batch.accuse(peer, of: .floodOfHaves)
            }
            return peer.description.recount.lost.append(piece)
        }
        _ = peer.pieces.remove(piece, of: max(content.geometry.pieceCount, piece.int + 1))
        content.picker.handlePeerLost(piece)
        if content.picker.wants(piece) { peer.download.wantedCount -= 1 }
        download.updateInterest(peer, in: &batch)
    }

    /// Returns whether both sides are complete and no app's extension is in use.
    func isUseless(_ peer: ConnectedPeer) -> Bool {
        guard !peer.isGone, let content, content.isWhole, content.torrent?.layerDownload == nil else { return false }
        guard peer.pieces.isSeed || peer.description.recount.isSeed || peer.isUploadOnly else { return false }
        return !extensions.keep(peer)
    }

    // MARK: - Our pieces

    /// Sends the first messages after the handshake: our pieces, then our extensions.
    mutating func describeOurselves(to peer: ConnectedPeer, in batch: inout SwarmBatch) {
        let have = content?.superSeeding == nil ? content?.picker.have : nil
        if let have, !have.isEmpty {
            if peer.isFast, have.isComplete, content?.torrent != nil {
                peer.send(.haveAll, in: &batch)
            } else {
                peer.send(.bitfield(ByteBuffer(bytes: have.wireBytes)), in: &batch)
            }
        } else if peer.isFast {
            peer.send(.haveNone, in: &batch)
        }
        if peer.isExtended { sendExtendedHandshake(to: peer, in: &batch) }
        if let content { upload.allowFast(peer, of: content, as: identity.hashes.wireHashes[0], in: &batch) }
    }
}
