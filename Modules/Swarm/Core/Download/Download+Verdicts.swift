// SPDX-License-Identifier: Apache-2.0

internal import OrderedCollections
internal import RucheCrypto
internal import RucheWire

/// The outcome of complete pieces, and the blame for wrong ones.
extension Download {
    /// Handles a verified and stored piece. `digests`: one per block, if they were wanted.
    mutating func handleStored(
        _ piece: PieceIndex,
        _ digests: [SHA256Digest],
        _ content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        guard piece.int >= content.picker.firstPiece else { return dropTrimmed(piece, content, in: &batch) }
        // Peers that found no room for another piece need not wait for the next tick.
        if !content.picker.hasRoom(for: piece.int) { isAllUnsettled = true }
        content.picker.handleShownRight(piece)
        content.picker.handlePieceVerified(piece)
        batch.add(.discard(piece))
        guard !digests.isEmpty else { return }
        var culprits: [BlockSource] = []
        content.smartBan.handlePieceVerified(piece, digests: digests.map(\.short), culprits: &culprits)
        batch.convict(culprits, of: piece)
    }

    /// Handles a verified and stored piece that the content has dropped meanwhile.
    private mutating func dropTrimmed(_ piece: PieceIndex, _ content: SwarmContent, in batch: inout SwarmBatch) {
        content.picker.handlePieceVerified(piece)
        batch.add(.discard(piece))
        isAllUnsettled = true
    }

    /// Handles a wrong piece. `digests`: one per block. `areLeaves`: they can be compared with the true leaf hashes.
    mutating func handleWrong(
        _ piece: PieceIndex,
        _ digests: [SHA256Digest],
        areLeaves: Bool,
        among peers: borrowing PeerTable,
        _ content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        wastedByteCount += content.geometry.dataByteCount(of: piece)
        let senders = content.picker.contributors(of: piece)
        for slot in peers.occupied {
            guard let peer = peers[slot], senders.contains(peer.source) else { continue }
            batch.add(.misbehaved(peer.endpoint, .badPiece))
        }
        if areLeaves, Set(senders).count > 1, let request = content.torrent?.trees.leafRequest(for: piece) {
            content.torrent?.inquiry.open(piece, leaves: digests, request: request, at: batch.now)
            return inquire(among: peers, content, in: &batch)
        }
        blame(piece, digests, content, in: &batch)
    }

    /// Convicts sources proven to have sent a wrong block, and downloads the piece again.
    private mutating func blame(
        _ piece: PieceIndex,
        _ digests: [SHA256Digest],
        _ content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        let senders = content.picker.contributors(of: piece)
        var culprits: [BlockSource] = []
        content.smartBan.handlePieceFailed(piece, senders: senders, digests: digests.map(\.short), culprits: &culprits)
        fetchAgain(piece, content, in: &batch)
        batch.convict(culprits, of: piece)
    }

    mutating func fetchAgain(_ piece: PieceIndex, _ content: SwarmContent, in batch: inout SwarmBatch) {
        content.picker.handlePieceFailed(piece, badBlocks: nil)
        batch.add(.discard(piece))
        isAllUnsettled = true
    }

    // MARK: - Requesting the true leaf hashes

    /// Asks a peer about each piece under inquiry; if none is left, goes on without knowing.
    mutating func inquire(among peers: borrowing PeerTable, _ content: SwarmContent, in batch: inout SwarmBatch) {
        for piece in content.torrent?.inquiry.waiting ?? [] {
            if content.torrent?.inquiry.isHopeless(piece) == false,
                let peer = nextWitness(for: piece, among: peers, content),
                let request = content.torrent?.inquiry.nextRequest(about: piece, to: peer.slot, at: batch.now)
            {
                peer.send(.hashRequest(request), in: &batch)
            } else if let closed = content.torrent?.inquiry.close(piece) {
                blame(piece, closed.leaves, content, in: &batch)
            }
        }
    }

    /// Handles the true leaf hashes of a piece: the sender of a block that differs has lied.
    mutating func handleTrueLeaves(
        _ leaves: [SHA256Digest],
        of piece: PieceIndex,
        _ content: SwarmContent,
        in batch: inout SwarmBatch
    ) {
        guard let closed = content.torrent?.inquiry.close(piece) else { return }
        let bad = closed.leaves.indices.filter { $0 >= leaves.count || closed.leaves[$0] != leaves[$0] }
        guard !bad.isEmpty else { return blame(piece, closed.leaves, content, in: &batch) }
        let senders = content.picker.contributors(of: piece)
        let liars = OrderedSet(bad.compactMap { senders.indices.contains($0) ? senders[$0] : nil })
        content.picker.handlePieceFailed(piece, badBlocks: bad)
        isAllUnsettled = true
        batch.convict(Array(liars), of: piece)
    }

    private func nextWitness(
        for piece: PieceIndex,
        among peers: borrowing PeerTable,
        _ content: SwarmContent
    ) -> ConnectedPeer? {
        for slot in peers.occupied {
            guard let peer = peers[slot], peer.speaksV2, peer.pieces[piece] else { continue }
            if content.torrent?.inquiry.hasTried(slot, about: piece) == false { return peer }
        }
        return nil
    }
}

extension SHA256Digest {
    /// As many bytes as are needed to distinguish blocks.
    fileprivate var short: SmartBan.BlockDigest {
        withUnsafeBytes { bytes in
            SmartBan.BlockDigest(
                high: bytes.loadUnaligned(as: UInt64.self),
                low: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
        }
    }
}
