// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheWire

/// Hashes of v2 trees that we request (BEP 52).
extension Download {
    /// Requests missing parts of the piece layers from idle peers.
    func askForLayers(among peers: borrowing PeerTable, _ content: SwarmContent, in batch: inout SwarmBatch) {
        guard content.torrent?.layerDownload != nil else { return }
        for slot in peers.occupied { if let peer = peers[slot] { askForLayers(peer, content, in: &batch) } }
    }

    private func askForLayers(_ peer: ConnectedPeer, _ content: SwarmContent, in batch: inout SwarmBatch) {
        guard peer.speaksV2, peer.answers.hasRoom, peer.pieces.isSeed || peer.pieces.setCount(of: .max) > 0,
            let request = content.torrent?.layerDownload?.nextRequest(for: peer.slot, at: batch.now)
        else { return }
        peer.send(.hashRequest(request), in: &batch)
    }

    /// Handles an answer. Returns the missing piece layers by root once all are known; nil until then.
    mutating func handleHashes(
        _ request: HashRequest,
        _ bytes: ByteBuffer,
        from peer: ConnectedPeer,
        among peers: borrowing PeerTable,
        _ content: SwarmContent,
        in batch: inout SwarmBatch
    ) -> [SHA256Digest: [SHA256Digest]]? {
        let hashes = bytes.digests
        if let piece = content.torrent?.inquiry.piece(askedOf: peer.slot, with: request) {
            handleLeafAnswer(hashes, of: piece, request, from: peer, among: peers, content, in: &batch)
            return nil
        }
        switch content.torrent?.layerDownload?.handleHashes(request, hashes, from: peer.slot) {
        case nil, .unexpected: break
        case .wrong: batch.accuse(peer, of: .badHashes)
        case .partial: askForLayers(peer, content, in: &batch)
        case .complete:
            guard let finished = content.torrent?.layerDownload?.finished else { break }
            content.torrent?.layerDownload = nil
            content.torrent?.layers.merge(finished)
            return finished
        }
        return nil
    }

    /// Handles a rejected hash request: it goes to other peers at the tick.
    func handleHashReject(_ request: HashRequest, by peer: ConnectedPeer, _ content: SwarmContent, at now: Instant) {
        content.torrent?.inquiry.handleReject(request, from: peer.slot)
        content.torrent?.layerDownload?.handleReject(from: peer.slot, at: now, pause: SwarmTiming.answer)
    }

    private mutating func handleLeafAnswer(
        _ hashes: [SHA256Digest],
        of piece: PieceIndex,
        _ request: HashRequest,
        from peer: ConnectedPeer,
        among peers: borrowing PeerTable,
        _ content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        guard let torrent = content.torrent, let entry = torrent.trees.entry(of: request.root),
            let expected = torrent.trees.digest(of: piece, in: torrent.layers),
            (try? request.range.verify(hashes, in: entry.tree.shape, leadTo: expected)) != nil
        else {
            content.torrent?.inquiry.handleReject(request, from: peer.slot)
            batch.accuse(peer, of: .badHashes)
            return inquire(among: peers, content, in: &batch)
        }
        handleTrueLeaves(Array(hashes.prefix(Int(request.length))), of: piece, content, in: &batch)
    }
}

extension ByteBuffer {
    fileprivate var digests: [SHA256Digest] {
        var rest = self
        var digests: [SHA256Digest] = []
        while let next = rest.readSlice(length: SHA256Digest.byteCount),
            let digest = SHA256Digest(next.readableBytesView)
        {
            digests.append(digest)
        }
        return digests
    }
}
