// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import RucheWire

/// The info dictionary, from peers and for those who came by a magnet (BEP 9).
extension SwarmCore {
    /// Asks the peers that offer the metadata for parts of it, the most promising first.
    mutating func askForMetadata(at now: Instant, into effects: inout [SwarmEffect]) {
        for slot in metadata?.peersInTurn() ?? [] { askForMetadata(slot, isInTurn: true, at: now, into: &effects) }
    }

    /// Asks one peer for a part of the metadata, if there is one to ask it for.
    mutating func askForMetadata(
        _ slot: PeerSlot,
        isInTurn: Bool = false,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard let peer = peers[slot], peer.extensions.metadata != 0, peer.answers.hasRoom,
            now >= peer.isDistrustedUntil,
            let part = metadata?.nextRequest(for: slot, isInTurn: isInTurn, at: now)
        else { return }
        let payload = MetadataMessage.request(piece: part).encoded()
        send(.extended(id: peer.extensions.metadata, payload: payload), to: slot, at: now, into: &effects)
    }

    mutating func handleMetadata(
        _ payload: ByteBuffer,
        _ slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) throws(PeerProtocolError) {
        switch try MetadataMessage(parsing: payload, limits: metadataLimits) {
        case .request(let part): handleQuestion(.metadata(part: part), slot, at: now, into: &effects)
        // What it was asked for is asked of others at the tick.
        case .reject: metadata?.handleReject(from: slot, at: now)
        case .data(let part, let total, let payload):
            let bytes = payload.readableBytesView
            let progress = metadata?.handleData(part: part, totalSize: total, bytes: bytes, from: slot, at: now)
            switch progress {
            case nil, .unexpected: break
            case .partial: askForMetadata(slot, at: now, into: &effects)
            case .judge(let candidate, let parts):
                effects.append(.judgeMetadata(candidate: candidate, parts: parts))
            }
        case .unknown: break
        }
    }

    /// Our own info dictionary may be longer than what we take from strangers.
    private var metadataLimits: PeerLimits {
        var wire = PeerLimits()
        wire.metadataByteCount = max(limits.metadataBytes, metadataBytes.count)
        return wire
    }

    /// What the check of a candidate's parts has come to: its bytes, or nil where they are wrong.
    package mutating func handleMetadataVerdict(
        _ bytes: [UInt8]?,
        on candidate: Int,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard metadata != nil else { return }
        if let bytes {
            metadata = nil
            metadataBytes = bytes
            effects.append(.metadataComplete(bytes))
            return
        }
        if let liar = metadata?.handleWrong(candidate, at: now) {
            misbehave(.badMetadata, by: liar, at: now, into: &effects)
            disconnect(liar, .misbehaviour(.badMetadata), into: &effects)
        }
        askForMetadata(at: now, into: &effects)
    }

    /// Sends a part of the metadata, or says that we have no such part.
    mutating func giveMetadata(_ part: Int, _ slot: PeerSlot, at now: Instant, into effects: inout [SwarmEffect]) {
        guard let id = peers[slot]?.extensions.metadata, id != 0 else { return }
        let byteCount = MetadataMessage.byteCount(ofPiece: part, totalByteCount: metadataBytes.count)
        guard byteCount > 0 else { return refuse(.metadata(part: part), slot, at: now, into: &effects) }
        let start = part * MetadataMessage.pieceByteCount
        let answer = MetadataMessage.data(
            piece: part,
            totalByteCount: metadataBytes.count,
            payload: ByteBuffer(bytes: metadataBytes[start..<start + byteCount])
        )
        send(.extended(id: id, payload: answer.encoded()), to: slot, at: now, into: &effects)
    }
}
