// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Who is connected, who is dialled, who is sent away.
extension SwarmCore {
    /// Endpoints were found: by a tracker, another peer, or the user.
    package mutating func handleFound(
        _ endpoints: [PeerEndpoint],
        from origins: PeerOrigins,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        for endpoint in endpoints { list.handleFound(endpoint, from: origins, at: now) }
        dialMore(at: now, into: &effects)
    }

    /// A dial that the core had asked for came to nothing.
    package mutating func handleDialFailed(_ endpoint: PeerEndpoint, at now: Instant, into effects: inout [SwarmEffect])
    {
        dialing.remove(endpoint)
        list.handleDialFailed(endpoint, at: now)
        dialMore(at: now, into: &effects)
    }

    /// A dial that the core had asked for could not be made now, for want of a place or a descriptor. That says nothing of
    /// the endpoint.
    package mutating func handleDialDeferred(_ endpoint: PeerEndpoint, at now: Instant) {
        dialing.remove(endpoint)
        list.handleDialDeferred(endpoint, at: now)
    }

    /// Handshakes were exchanged. Nil where the peer is not wanted: close the connection.
    package mutating func handleConnected(
        _ introduction: PeerIntroduction,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) -> PeerSlot? {
        if !introduction.isIncoming { dialing.remove(introduction.endpoint) }
        switch hasStarted ? admit(introduction, at: now, into: &effects) : .refused {
        case .admitted: break
        case .duplicate(let connection):
            if !introduction.isIncoming { list.handleDuplicate(introduction.endpoint, of: connection, at: now) }
            return nil
        case .refused:
            if !introduction.isIncoming { list.handleDialDeferred(introduction.endpoint, at: now) }
            return nil
        }
        let pieceCount = content?.geometry.pieceCount ?? 0
        connectionCount += 1
        let source = BlockSource(introduction, connection: connectionCount)
        let isDoubted = introduction.webSeed == nil && silent.contains(introduction.endpoint.address, at: now)
        let peer = ConnectedPeer(
            introduction,
            as: source,
            pieceCount: pieceCount,
            limits: limits,
            isDoubted: isDoubted,
            at: now
        )
        if introduction.webSeed == nil { peer.isDistrustedUntil = list.banEnd(of: introduction.endpoint.address) }
        peer.toldHaves = content?.haveLog.end ?? 0
        let slot = peers.insert(peer)
        if introduction.webSeed == nil {
            list.handleConnected(introduction.endpoint, isIncoming: introduction.isIncoming, at: now)
        }
        content?.picker.handlePeerJoined(slot, as: source)
        describeOurselves(to: slot, at: now, into: &effects)
        return slot
    }

    /// The connection is gone, by the other side or by an error; `hasYielded`: its place was given to another.
    package mutating func handleClosed(
        _ slot: PeerSlot,
        hasYielded: Bool = false,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        forget(slot, isBlameless: hasYielded, at: now, into: &effects)
        dialMore(at: now, into: &effects)
    }

    /// Whether something is missing, few peers are connected, and no known endpoint may be dialled now.
    package func isShortOfPeers(at now: Instant) -> Bool {
        guard !isFinished, peers.count < limits.fewPeers else { return false }
        return list.nextDialTime(at: now).map { $0 > now } ?? true
    }

    /// Asks the driver for connections as far as limits allow.
    mutating func dialMore(at now: Instant, into effects: inout [SwarmEffect]) {
        guard hasStarted else { return }
        let room = min(
            limits.dialsPerTorrent - dialing.count,
            limits.peersPerTorrent - peers.count - dialing.count
        )
        guard room > 0 else { return }
        for endpoint in list.nextToDial(upTo: room, at: now) {
            dialing.insert(endpoint)
            effects.append(.dial(endpoint))
        }
    }

    /// Sends a peer away.
    mutating func disconnect(_ slot: PeerSlot, _ reason: DisconnectReason, into effects: inout [SwarmEffect]) {
        guard let peer = peers[slot] else { return }
        forget(slot, isBlameless: reason.isBlameless, at: peer.lastHeardAt, into: &effects)
        effects.append(.disconnect(slot, reason))
    }

    /// The address of a peer that was asked for blocks and sent none is remembered: a new connection from there would be
    /// trusted again otherwise.
    mutating func noteSilence(of peer: ConnectedPeer, at now: Instant) {
        guard !peer.isWebSeed, !peer.pipeline.isProven else { return }
        silent.insert(peer.endpoint.address, at: now)
    }

    /// `isBlameless`: that the connection ends says nothing against the endpoint.
    private mutating func forget(
        _ slot: PeerSlot,
        isBlameless: Bool,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard let peer = peers.remove(slot) else { return }
        unsettled.remove(slot)
        hungry.remove(slot)
        if !peer.isChoked { unchokedCount -= 1 }
        choker.handlePeerLeft(slot)
        content?.firstCopies.handleEnded(slot)
        content?.picker.handlePeerLeft(slot, having: peer.pieces)
        content?.layerDownload?.handleLeft(slot)
        content?.inquiry.handleLeft(slot)
        metadata?.handleLeft(slot, at: now)
        if !peer.isWebSeed {
            if peer.pipeline.owedTime(at: now) >= SwarmTiming.owedOnLeaving { noteSilence(of: peer, at: now) }
            let wasUseful = peer.download.totalByteCount + peer.upload.totalByteCount > 0
            list.handleClosed(peer.endpoint, wasUseful: wasUseful || isBlameless, at: now)
        }
        feedHungry()
        handleSuperSeededLeft(slot, at: now, into: &effects)
        tellExtensionsOfLeft(slot, at: now, into: &effects)
    }
}
