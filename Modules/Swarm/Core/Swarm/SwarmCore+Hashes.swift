// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheWire

/// Hashes of v2 trees that we request (BEP 52).
extension SwarmCore {
    /// Requests missing parts of the piece layers from idle peers.
    mutating func askForLayers(in batch: inout SwarmBatch) {
        guard content?.torrent?.layerDownload != nil else { return }
        for slot in peers.occupied { askForLayers(slot, in: &batch) }
    }

    private mutating func askForLayers(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot], peer.speaksV2, peer.answers.hasRoom,
            peer.pieces.isSeed || peer.pieces.setCount(of: .max) > 0,
            let request = content?.torrent?.layerDownload?.nextRequest(for: slot, at: batch.now)
        else { return }
        send(.hashRequest(request), to: slot, in: &batch)
    }

    mutating func handleHashes(
        _ request: HashRequest,
        _ bytes: ByteBuffer,
        _ slot: PeerSlot,
        in batch: inout SwarmBatch
    ) {
        let hashes = bytes.digests
        if let piece = content?.torrent?.inquiry.piece(askedOf: slot, with: request) {
            return handleLeafAnswer(hashes, of: piece, request, slot, in: &batch)
        }
        switch content?.torrent?.layerDownload?.handleHashes(request, hashes, from: slot) {
        case nil, .unexpected: break
        case .wrong: misbehave(.badHashes, by: slot, in: &batch)
        case .partial: askForLayers(slot, in: &batch)
        case .complete: handleLayersComplete(in: &batch)
        }
    }

    /// Handles a rejected hash request: it goes to other peers at the tick.
    mutating func handleHashReject(_ request: HashRequest, _ slot: PeerSlot, at now: Instant) {
        content?.torrent?.inquiry.handleReject(request, from: slot)
        content?.torrent?.layerDownload?.handleReject(from: slot, at: now, pause: SwarmTiming.answer)
    }

    private mutating func handleLayersComplete(in batch: inout SwarmBatch) {
        guard let finished = content?.torrent?.layerDownload?.finished else { return }
        content?.torrent?.layerDownload = nil
        content?.torrent?.layers.merge(finished)
        batch.add(.pieceLayersComplete(finished))
        if let priorities = content?.priorities { setPriorities(priorities, in: &batch) }
    }

    private mutating func handleLeafAnswer(
        _ hashes: [SHA256Digest],
        of piece: PieceIndex,
        _ request: HashRequest,
        _ slot: PeerSlot,
        in batch: inout SwarmBatch
    ) {
        guard let torrent = content?.torrent, let entry = torrent.trees.entry(of: request.root),
            let expected = torrent.trees.digest(of: piece, in: torrent.layers),
            (try? request.range.verify(hashes, in: entry.tree.shape, leadTo: expected)) != nil
        else {
            content?.torrent?.inquiry.handleReject(request, from: slot)
            misbehave(.badHashes, by: slot, in: &batch)
            return inquire(in: &batch)
        }
        handleTrueLeaves(Array(hashes.prefix(Int(request.length))), of: piece, in: &batch)
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
