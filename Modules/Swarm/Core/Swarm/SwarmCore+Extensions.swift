// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// Extended messages (BEP 10): which peer supports which, and the core's own.
extension SwarmCore {
    func sendExtendedHandshake(to peer: ConnectedPeer, in batch: inout SwarmBatch) {
        var handshake = ExtendedHandshake()
        for own in OwnExtension.allCases where !own.isHosted { handshake.extensions[own.name] = own.rawValue }
        for (id, host) in extensions.offered { handshake.extensions[host.name] = id }
        handshake.client = identity.clientName
        handshake.listenPort = identity.listenPort == 0 ? nil : identity.listenPort
        handshake.requestQueueDepth = limits.queuedRequestsPerPeer
        handshake.yourAddress = peer.endpoint.address
        let metadataByteCount = phase.infoBytes.count
        handshake.metadataByteCount = metadataByteCount == 0 ? nil : metadataByteCount
        handshake.isUploadOnly = isFinished ? true : nil
        peer.send(.extended(id: ExtendedHandshake.id, payload: handshake.encoded()), in: &batch)
    }

    mutating func handleExtended(
        _ id: UInt8,
        _ payload: ByteBuffer,
        _ peer: ConnectedPeer,
        in batch: inout SwarmBatch
    ) {
        if let host = extensions.host(receiving: id) {
            return handleExtensionMessage(payload, to: host, peer, in: &batch)
        }
        do {
            switch OwnExtension(rawValue: id) {
            case nil where id == ExtendedHandshake.id:
                handleExtendedHandshake(try ExtendedHandshake(parsing: payload), peer, in: &batch)
            case nil, .peerExchange, .holePunching: break
            case .metadata: try handleMetadata(payload, peer, in: &batch)
            case .dontHave: handleDontHave(try DontHaveMessage(parsing: payload).piece, peer, in: &batch)
            case .uploadOnly: handleUploadOnly(try UploadOnlyMessage(parsing: payload).isUploadOnly, peer, in: &batch)
            }
        } catch {
            batch.accuse(peer, of: .protocolViolation)
        }
    }

    private mutating func handleExtendedHandshake(
        _ handshake: ExtendedHandshake,
        _ peer: ConnectedPeer,
        in batch: inout SwarmBatch
    ) {
        work.add(handshake.extensions.count)
        peer.extensions.learn(handshake.extensions)
        if let client = handshake.client { peer.client = client }
        if let address = handshake.yourAddress, connections.noteOwnAddress(address, by: peer) {
            tellExtensionsOfSwarm()
        }
        if let depth = handshake.requestQueueDepth { peer.download.pipeline.handleRemoteDepth(depth) }
        if let port = handshake.listenPort, peer.isIncoming {
            let dialable = PeerEndpoint(address: peer.endpoint.address, port: port)
            peer.listensAt = dialable
            connections.list.handleListenPort(of: peer.endpoint, dialable: dialable, at: batch.now)
        }
        handleRemoteExtensions(of: peer, in: &batch)
        guard !peer.isGone else { return }
        // A peer that names a size but no id for requests is ignored. Some say 0 if they have no metadata.
        if let size = handshake.metadataByteCount, size != 0, peer.extensions.metadata != 0 {
            phase.metadata?.handleOffer(size: size, of: peer, in: &batch)
            handleNews(in: &batch)
        }
        if let flag = handshake.isUploadOnly { handleUploadOnly(flag, peer, in: &batch) }
    }

    private mutating func handleUploadOnly(_ flag: Bool, _ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        peer.isUploadOnly = flag
        // A peer that only uploads may still be useful: it may have pieces that we lack.
        if flag, isUseless(peer) { disconnect(peer, .bothComplete, in: &batch) }
    }

    /// Tells all peers whether we still want anything (BEP 21).
    func tellUploadOnly(_ flag: Bool, in batch: inout SwarmBatch) {
        for peer in peers.all(where: { $0.extensions.uploadOnly != 0 }) {
            let payload = UploadOnlyMessage(flag).encoded()
            peer.send(.extended(id: peer.extensions.uploadOnly, payload: payload), in: &batch)
        }
    }

    // MARK: - Metadata

    /// The info dictionary, from peers and for peers that started from a magnet link (BEP 9).
    private mutating func handleMetadata(
        _ payload: ByteBuffer,
        _ peer: ConnectedPeer,
        in batch: inout SwarmBatch
    ) throws(PeerProtocolError) {
        // Our own info dictionary may be longer than what we accept from strangers.
        var wire = PeerLimits()
        wire.metadataByteCount = max(limits.metadataBytes, phase.infoBytes.count)
        switch try MetadataMessage(parsing: payload, limits: wire) {
        case .request(let part): handleQuestion(.metadata(part: part), of: peer, in: &batch)
        case .reject: phase.metadata?.handleReject(from: peer, at: batch.now)
        case .data(let part, let total, let payload):
            phase.metadata?.handleData(part, of: total, payload.readableBytesView, from: peer, in: &batch)
        case .unknown: break
        }
    }

    /// Handles the result of checking a candidate's parts: its bytes, or nil if they are wrong.
    package mutating func handleMetadataVerdict(_ bytes: [UInt8]?, on candidate: Int, in batch: inout SwarmBatch) {
        guard let metadata = phase.metadata else { return }
        if let bytes {
            phase = .opening(infoBytes: bytes)
            return batch.add(.metadataComplete(bytes))
        }
        if let slot = metadata.handleWrong(candidate, at: batch.now), let liar = peers[slot] {
            misbehave(.badMetadata, by: liar, in: &batch)
            disconnect(liar, .misbehaviour(.badMetadata), in: &batch)
        }
        metadata.askAll(among: peers, in: &batch)
    }
}
