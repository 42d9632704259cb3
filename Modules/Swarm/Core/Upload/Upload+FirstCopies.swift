// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The pieces that we give first: suggestions to peers that download from us while we seed (BEP 6), and super seeding
/// (BEP 16).
extension Upload {
    /// Suggests pieces that no leecher has, if there are any.
    func suggest(to peer: ConnectedPeer, of content: SwarmContent, in batch: inout SwarmBatch) {
        guard peer.isFast, !peer.upload.isChoked, content.isWhole, content.superSeeding == nil else { return }
        var pieces: [PieceIndex] = []
        content.firstCopies.nextSuggestions(for: peer.slot, knowing: content.picker, into: &pieces)
        for piece in pieces { peer.send(.suggest(piece), in: &batch) }
    }

    /// Handles a request of `peer` for a block of `piece`.
    func suggestMore(
        after piece: PieceIndex,
        to peer: ConnectedPeer,
        of content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        guard !content.firstCopies.isDone, content.firstCopies.handleRequest(piece, by: peer.slot) else { return }
        suggest(to: peer, of: content, in: &batch)
    }

    // MARK: - Super seeding

    /// Reveals its first piece to a super-seeded peer, once it had time to announce its own.
    func reveal(
        to peer: ConnectedPeer,
        among peers: borrowing PeerTable,
        of content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        guard content.superSeeding != nil, !peer.upload.isSuperSeeded else { return }
        peer.upload.isSuperSeeded = true
        var revelations: [SuperSeeding.Revelation] = []
        content.superSeeding?.handlePeerJoined(
            peer.slot,
            from: peer.endpoint.address.group,
            having: peer.pieces,
            at: batch.now,
            into: &revelations
        )
        show(revelations, to: peers, in: &batch)
    }

    /// Reveals the pieces deferred to the tick.
    func revealLate(among peers: borrowing PeerTable, of content: SwarmContent, in batch: inout SwarmBatch) {
        var revelations: [SuperSeeding.Revelation] = []
        content.superSeeding?.handleTick(at: batch.now, into: &revelations)
        show(revelations, to: peers, in: &batch)
    }

    /// Handles a new piece of a super-seeded peer: the peer, or the one that uploaded the piece to it, may get another.
    func revealNext(
        after piece: PieceIndex,
        at peer: ConnectedPeer,
        among peers: borrowing PeerTable,
        of content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        var revelations: [SuperSeeding.Revelation] = []
        content.superSeeding?.handlePeerHas(piece, peer: peer.slot, at: batch.now, into: &revelations)
        show(revelations, to: peers, in: &batch)
    }

    /// Handles a super-seeded peer that has left: its pieces may be revealed to others.
    func revealAgain(
        without peer: ConnectedPeer,
        among peers: borrowing PeerTable,
        of content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        var revelations: [SuperSeeding.Revelation] = []
        content.superSeeding?.handlePeerLeft(peer.slot, at: batch.now, into: &revelations)
        show(revelations, to: peers, in: &batch)
    }

    private func show(
        _ revelations: [SuperSeeding.Revelation],
        to peers: borrowing PeerTable,
        in batch: inout SwarmBatch
    ) {
        for revelation in revelations { peers[revelation.peer]?.send(.have(revelation.piece), in: &batch) }
    }
}
