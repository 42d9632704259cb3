// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// The download of the info dictionary from peers (BEP 9). Owner: `SwarmPhase`. It is an object, so that it is changed in
/// place.
final class MetadataPhase {
    private var download: MetadataDownload

    init(limitBytes: Int, seed: UInt64, work: WorkMeter) {
        download = MetadataDownload(limitBytes: limitBytes, seed: seed, work: work)
    }

    /// Requests parts of the metadata from the peers that offer it, the most promising first.
    func askAll(among peers: borrowing PeerTable, in batch: inout SwarmBatch) {
        for slot in download.peersInTurn() {
            if let peer = peers[slot] { ask(peer, isInTurn: true, in: &batch) }
        }
    }

    /// Requests a part of the metadata from one peer, if one is available to request.
    func ask(_ peer: ConnectedPeer, isInTurn: Bool = false, in batch: inout SwarmBatch) {
        guard !peer.isGone, peer.extensions.metadata != 0, peer.answers.hasRoom, batch.now >= peer.isDistrustedUntil,
            let part = download.nextRequest(for: peer.slot, isInTurn: isInTurn, at: batch.now)
        else { return }
        let payload = MetadataMessage.request(piece: part).encoded()
        peer.send(.extended(id: peer.extensions.metadata, payload: payload), in: &batch)
    }

    /// Handles the size of the metadata according to a peer. An impossible size is misbehaviour.
    func handleOffer(size: Int, of peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard download.handleOffer(size: size, from: peer.slot, at: peer.endpoint.address, batch.now) else {
            return batch.accuse(peer, of: .badMetadata)
        }
        ask(peer, in: &batch)
    }

    /// Handles a rejected request. The part is requested from others at the tick.
    func handleReject(from peer: ConnectedPeer, at now: Instant) { download.handleReject(from: peer.slot, at: now) }

    /// Handles a part of the metadata.
    func handleData(
        _ part: Int,
        of totalByteCount: Int?,
        _ bytes: ByteBufferView,
        from peer: ConnectedPeer,
        in batch: inout SwarmBatch
    ) {
        switch download.handleData(part: part, totalSize: totalByteCount, bytes: bytes, from: peer.slot, at: batch.now)
        {
        case .unexpected: break
        case .partial: ask(peer, in: &batch)
        case .judge(let candidate, let parts): batch.add(.judgeMetadata(candidate: candidate, parts: parts))
        }
    }

    /// Handles a wrong candidate. Returns the peer that has lied, if that is proven.
    func handleWrong(_ candidate: Int, at now: Instant) -> PeerSlot? { download.handleWrong(candidate, at: now) }

    func handleLeft(_ peer: ConnectedPeer, at now: Instant) { download.handleLeft(peer.slot, at: now) }

    /// Requests late parts from other peers.
    func handleTick(among peers: borrowing PeerTable, in batch: inout SwarmBatch) {
        download.handleTick(at: batch.now)
        askAll(among: peers, in: &batch)
    }
}
