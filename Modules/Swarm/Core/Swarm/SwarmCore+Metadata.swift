// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// The info dictionary, from peers and for peers that started from a magnet link (BEP 9).
extension SwarmCore {
    /// Requests parts of the metadata from the peers that offer it, the most promising first.
    mutating func askForMetadata(in batch: inout SwarmBatch) {
        for slot in metadata?.peersInTurn() ?? [] { askForMetadata(slot, isInTurn: true, in: &batch) }
    }

    /// Requests a part of the metadata from one peer, if one is available to request.
    mutating func askForMetadata(_ slot: PeerSlot, isInTurn: Bool = false, in batch: inout SwarmBatch) {
        guard let peer = peers[slot], peer.extensions.metadata != 0, peer.answers.hasRoom,
            batch.now >= peer.isDistrustedUntil,
            let part = metadata?.nextRequest(for: slot, isInTurn: isInTurn, at: batch.now)
        else { return }
        let payload = MetadataMessage.request(piece: part).encoded()
        send(.extended(id: peer.extensions.metadata, payload: payload), to: slot, in: &batch)
    }

    mutating func handleMetadata(
        _ payload: ByteBuffer,
        _ slot: PeerSlot,
        in batch: inout SwarmBatch
    ) throws(PeerProtocolError) {
        switch try MetadataMessage(parsing: payload, limits: metadataLimits) {
        case .request(let part): handleQuestion(.metadata(part: part), slot, in: &batch)
        // The part is requested from others at the tick.
        case .reject: metadata?.handleReject(from: slot, at: batch.now)
        case .data(let part, let total, let payload):
            let bytes = payload.readableBytesView
            let progress = metadata?.handleData(part: part, totalSize: total, bytes: bytes, from: slot, at: batch.now)
            switch progress {
            case nil, .unexpected: break
            case .partial: askForMetadata(slot, in: &batch)
            case .judge(let candidate, let parts):
                batch.add(.judgeMetadata(candidate: candidate, parts: parts))
            }
        case .unknown: break
        }
    }

    /// Our own info dictionary may be longer than what we accept from strangers.
    private var metadataLimits: PeerLimits {
        var wire = PeerLimits()
        wire.metadataByteCount = max(limits.metadataBytes, metadataBytes.count)
        return wire
    }

    /// Handles the result of checking a candidate's parts: its bytes, or nil if they are wrong.
    package mutating func handleMetadataVerdict(_ bytes: [UInt8]?, on candidate: Int, in batch: inout SwarmBatch) {
        guard metadata != nil else { return }
        if let bytes {
            metadata = nil
            metadataBytes = bytes
            batch.add(.metadataComplete(bytes))
            return
        }
        if let liar = metadata?.handleWrong(candidate, at: batch.now) {
            misbehave(.badMetadata, by: liar, in: &batch)
            disconnect(liar, .misbehaviour(.badMetadata), in: &batch)
        }
        askForMetadata(in: &batch)
    }

    /// Sends a part of the metadata, or rejects the request if we have no such part.
    mutating func giveMetadata(_ part: Int, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let id = peers[slot]?.extensions.metadata, id != 0 else { return }
        let byteCount = MetadataMessage.byteCount(ofPiece: part, totalByteCount: metadataBytes.count)
        guard byteCount > 0 else { return refuse(.metadata(part: part), slot, in: &batch) }
        let start = part * MetadataMessage.pieceByteCount
        let answer = MetadataMessage.data(
            piece: part,
            totalByteCount: metadataBytes.count,
            payload: ByteBuffer(bytes: metadataBytes[start..<start + byteCount])
        )
        send(.extended(id: id, payload: answer.encoded()), to: slot, in: &batch)
    }
}
