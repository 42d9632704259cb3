// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheWire

/// Extended messages (BEP 10), and which peer supports which.
extension SwarmCore {
    /// The ids under which we want to receive our own extended messages. Those of added extensions follow, as
    /// `ExtensionTable` assigns them.
    enum OwnExtension: UInt8, CaseIterable {
        case metadata = 1
        case peerExchange = 2
        case dontHave = 3
        case uploadOnly = 4
        case holePunching = 5

        var name: ExtensionName {
            switch self {
            case .metadata: .metadata
            case .peerExchange: .peerExchange
            case .dontHave: .dontHave
            case .uploadOnly: .uploadOnly
            case .holePunching: .holepunch
            }
        }

        /// Whether its messages are handled by an extension of the table, if that is in use.
        var isHosted: Bool { self == .peerExchange || self == .holePunching }
    }

    mutating func sendExtendedHandshake(to slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        var handshake = ExtendedHandshake()
        for own in OwnExtension.allCases where !own.isHosted { handshake.extensions[own.name] = own.rawValue }
        for (id, host) in extensions.all where isOffered(host) { handshake.extensions[host.name] = id }
        handshake.client = identity.clientName
        handshake.listenPort = identity.listenPort == 0 ? nil : identity.listenPort
        handshake.requestQueueDepth = limits.queuedRequestsPerPeer
        handshake.yourAddress = peer.endpoint.address
        handshake.metadataByteCount = metadataBytes.isEmpty ? nil : metadataBytes.count
        handshake.isUploadOnly = isFinished ? true : nil
        send(.extended(id: ExtendedHandshake.id, payload: handshake.encoded()), to: slot, in: &batch)
    }

    mutating func handleExtended(_ id: UInt8, _ payload: ByteBuffer, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        if let host = extensions.host(receiving: id) {
            return handleExtensionMessage(payload, to: host, slot, in: &batch)
        }
        do {
            switch OwnExtension(rawValue: id) {
            case nil where id == ExtendedHandshake.id:
                handleExtendedHandshake(try ExtendedHandshake(parsing: payload), slot, in: &batch)
            case nil, .peerExchange, .holePunching: break
            case .metadata:
                try handleMetadata(payload, slot, in: &batch)
            case .dontHave:
                handleDontHave(try DontHaveMessage(parsing: payload).piece, slot, in: &batch)
            case .uploadOnly:
                handleUploadOnly(try UploadOnlyMessage(parsing: payload).isUploadOnly, slot, in: &batch)
            }
        } catch {
            misbehave(.protocolViolation, by: slot, in: &batch)
        }
    }

    private mutating func handleExtendedHandshake(
        _ handshake: ExtendedHandshake,
        _ slot: PeerSlot,
        in batch: inout SwarmBatch
    ) {
        guard let peer = peers[slot] else { return }
        work.add(handshake.extensions.count + extensions.all.count)
        peer.extensions.learn(handshake.extensions)
        if let client = handshake.client { peer.client = client }
        if let address = handshake.yourAddress { noteOwnAddress(address, by: peer) }
        if let depth = handshake.requestQueueDepth { peer.download.pipeline.handleRemoteDepth(depth) }
        if let port = handshake.listenPort, peer.isIncoming {
            let dialable = PeerEndpoint(address: peer.endpoint.address, port: port)
            peer.listensAt = dialable
            list.handleListenPort(of: peer.endpoint, dialable: dialable, at: batch.now)
        }
        handleRemoteExtensions(slot, in: &batch)
        guard peers.contains(slot) else { return }
        // A peer that names a size but no id for requests is ignored. Some say 0 if they have no metadata.
        if let size = handshake.metadataByteCount, size != 0, metadata != nil, peer.extensions.metadata != 0 {
            guard metadata?.handleOffer(size: size, from: slot, at: peer.endpoint.address, batch.now) == true else {
                return misbehave(.badMetadata, by: slot, in: &batch)
            }
            askForMetadata(slot, in: &batch)
        }
        if let flag = handshake.isUploadOnly { handleUploadOnly(flag, slot, in: &batch) }
    }

    private mutating func handleUploadOnly(_ flag: Bool, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        peers[slot]?.isUploadOnly = flag
        // A peer that only uploads may still be useful: it may have pieces that we lack.
        if flag, isUseless(slot) { disconnect(slot, .bothComplete, in: &batch) }
    }
}
