// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Dialling, connecting and disconnecting.
extension SwarmCore {
    /// Starts: from now on peers are dialled and served.
    package mutating func handleStarted(in batch: inout SwarmBatch) {
        connections.hasStarted = true
        dialMore(in: &batch)
    }

    /// Stops: all peers are disconnected, and none is dialled until `handleStarted`.
    package mutating func handleStopped(in batch: inout SwarmBatch) {
        connections.hasStarted = false
        for slot in peers.occupied { if let peer = peers[slot] { disconnect(peer, .stopped, in: &batch) } }
        connections.dialing.removeAll()
        connections.openings.removeAll()
    }

    /// Handles endpoints that were found by a tracker, another peer or the user.
    package mutating func handleFound(
        _ endpoints: [PeerEndpoint],
        from origins: PeerOrigins,
        in batch: inout SwarmBatch
    ) {
        for endpoint in endpoints { connections.list.handleFound(endpoint, from: origins, at: batch.now) }
        dialMore(in: &batch)
    }

    /// Handles a failed dial that the core had asked for.
    package mutating func handleDialFailed(_ endpoint: PeerEndpoint, in batch: inout SwarmBatch) {
        connections.dialing.remove(endpoint)
        connections.list.handleDialFailed(endpoint, at: batch.now)
        tellExtensionsOfUnreachable(endpoint, in: &batch)
        dialMore(in: &batch)
    }

    /// Handles a dial that could not be made now, because there was no room or no descriptor. That says nothing about
    /// the endpoint.
    package mutating func handleDialDeferred(_ endpoint: PeerEndpoint, in batch: inout SwarmBatch) {
        connections.dialing.remove(endpoint)
        connections.list.handleDialDeferred(endpoint, at: batch.now)
    }

    /// Returns the number of failed or useless dials of `endpoint` in a row.
    package func failureCount(of endpoint: PeerEndpoint) -> Int { connections.list.record(endpoint)?.failures ?? 0 }

    /// Handles a connection whose handshakes were exchanged. Returns nil if the peer is not wanted: close the
    /// connection.
    package mutating func handleConnected(_ introduction: PeerIntroduction, in batch: inout SwarmBatch) -> PeerSlot? {
        if !introduction.isIncoming { connections.dialing.remove(introduction.endpoint) }
        var leaving: [(slot: PeerSlot, reason: DisconnectReason)] = []
        let admission = connections.admit(
            introduction,
            among: peers,
            isFinished: isFinished,
            leaving: &leaving,
            at: batch.now
        )
        for (slot, reason) in leaving { if let peer = peers[slot] { disconnect(peer, reason, in: &batch) } }
        switch admission {
        case .admitted: return join(introduction, in: &batch)
        case .duplicate(let connection):
            if !introduction.isIncoming {
                connections.list.handleDuplicate(introduction.endpoint, of: connection, at: batch.now)
            }
        case .refused:
            if !introduction.isIncoming { connections.list.handleDialDeferred(introduction.endpoint, at: batch.now) }
        }
        return nil
    }

    private mutating func join(_ introduction: PeerIntroduction, in batch: inout SwarmBatch) -> PeerSlot {
        let address = introduction.endpoint.address
        let isWebSeed = introduction.webSeed != nil
        let peer = ConnectedPeer(
            introduction,
            as: connections.handleJoined(introduction, at: batch.now),
            pieces: content?.noPieces ?? .none(count: 0),
            bitfieldByteCount: (content?.geometry.pieceCount ?? 0) / 8,
            limits: limits,
            isDoubted: !isWebSeed && download.isDoubted(address, at: batch.now),
            at: batch.now
        )
        if !isWebSeed { peer.isDistrustedUntil = connections.list.banEnd(of: address) }
        peer.upload.toldHaves = content?.haveLog.end ?? 0
        let slot = peers.insert(peer)
        content?.picker.handlePeerJoined(slot, as: peer.source)
        describeOurselves(to: peer, in: &batch)
        nameDHTNode(to: peer, in: &batch)
        return slot
    }

    /// Handles a connection that was closed by the other side or by an error. `hasYielded`: its place was given to
    /// another.
    package mutating func handleClosed(_ slot: PeerSlot, hasYielded: Bool = false, in batch: inout SwarmBatch) {
        if let peer = peers[slot] { forget(peer, isBlameless: hasYielded, at: batch.now, in: &batch) }
        dialMore(in: &batch)
    }

    /// Returns whether something is missing, few peers are connected, and no known endpoint may be dialled now.
    package func isShortOfPeers(at now: Instant) -> Bool {
        !isFinished && connections.isShortOfPeers(beside: peers.count, at: now)
    }

    /// Requests connections from the driver as far as limits allow.
    mutating func dialMore(in batch: inout SwarmBatch) { connections.dialMore(beside: peers.count, in: &batch) }

    /// Disconnects a peer.
    mutating func disconnect(_ peer: ConnectedPeer, _ reason: DisconnectReason, in batch: inout SwarmBatch) {
        guard !peer.isGone else { return }
        nameDribbler(peer, in: &batch)
        forget(peer, isBlameless: reason.isBlameless, at: peer.lastHeardAt, in: &batch)
        batch.add(.disconnect(peer.slot, reason))
    }

    /// Has every part forget the peer. `isBlameless`: the end of the connection does not count against the endpoint.
    /// `end`: when it was last useful.
    private mutating func forget(
        _ peer: ConnectedPeer,
        isBlameless: Bool,
        at end: Instant,
        in batch: inout SwarmBatch
    ) {
        guard peers.remove(peer.slot) != nil else { return }
        upload.handleLeft(peer, content)
        download.handleLeft(peer, content, at: end)
        phase.metadata?.handleLeft(peer, at: end)
        connections.handleLeft(peer, isBlameless: isBlameless, at: end)
        download.feedHungry(turn: peers.turn)
        if let content { upload.revealAgain(without: peer, among: peers, of: content, in: &batch) }
        tellExtensionsOfLeft(peer.slot, in: &batch)
    }
}
