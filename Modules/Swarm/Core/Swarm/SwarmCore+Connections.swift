// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Dialling, connecting and disconnecting.
extension SwarmCore {
    /// Handles endpoints that were found by a tracker, another peer or the user.
    package mutating func handleFound(
        _ endpoints: [PeerEndpoint],
        from origins: PeerOrigins,
        in batch: inout SwarmBatch
    ) {
        for endpoint in endpoints { list.handleFound(endpoint, from: origins, at: batch.now) }
        dialMore(in: &batch)
    }

    /// Handles a failed dial that the core had asked for.
    package mutating func handleDialFailed(_ endpoint: PeerEndpoint, in batch: inout SwarmBatch) {
        dialing.remove(endpoint)
        list.handleDialFailed(endpoint, at: batch.now)
        tellExtensionsOfUnreachable(endpoint, in: &batch)
        dialMore(in: &batch)
    }

    /// Handles a dial that could not be made now, because there was no room or no descriptor. That says nothing about
    /// the endpoint.
    package mutating func handleDialDeferred(_ endpoint: PeerEndpoint, in batch: inout SwarmBatch) {
        dialing.remove(endpoint)
        list.handleDialDeferred(endpoint, at: batch.now)
    }

    /// Returns the number of failed or useless dials of `endpoint` in a row.
    package func failureCount(of endpoint: PeerEndpoint) -> Int { list.record(endpoint)?.failures ?? 0 }

    /// Handles a connection whose handshakes were exchanged. Returns nil if the peer is not wanted: close the
    /// connection.
    package mutating func handleConnected(_ introduction: PeerIntroduction, in batch: inout SwarmBatch) -> PeerSlot? {
        if !introduction.isIncoming { dialing.remove(introduction.endpoint) }
        switch hasStarted ? admit(introduction, in: &batch) : .refused {
        case .admitted: break
        case .duplicate(let connection):
            if !introduction.isIncoming { list.handleDuplicate(introduction.endpoint, of: connection, at: batch.now) }
            return nil
        case .refused:
            if !introduction.isIncoming { list.handleDialDeferred(introduction.endpoint, at: batch.now) }
            return nil
        }
        connectionCount += 1
        let source = BlockSource(introduction, connection: connectionCount)
        let isDoubted = introduction.webSeed == nil && silent.contains(introduction.endpoint.address, at: batch.now)
        let peer = ConnectedPeer(
            introduction,
            as: source,
            pieces: content?.noPieces ?? .none(count: 0),
            limits: limits,
            isDoubted: isDoubted,
            at: batch.now
        )
        if introduction.webSeed == nil { peer.isDistrustedUntil = list.banEnd(of: introduction.endpoint.address) }
        peer.upload.toldHaves = content?.haveLog.end ?? 0
        let slot = peers.insert(peer)
        if introduction.webSeed == nil {
            list.handleConnected(introduction.endpoint, isIncoming: introduction.isIncoming, at: batch.now)
        }
        content?.picker.handlePeerJoined(slot, as: source)
        describeOurselves(to: slot, in: &batch)
        nameDHTNode(to: slot, in: &batch)
        return slot
    }

    /// Handles a connection that was closed by the other side or by an error. `hasYielded`: its place was given to
    /// another.
    package mutating func handleClosed(_ slot: PeerSlot, hasYielded: Bool = false, in batch: inout SwarmBatch) {
        forget(slot, isBlameless: hasYielded, at: batch.now, in: &batch)
        dialMore(in: &batch)
    }

    /// Returns whether something is missing, few peers are connected, and no known endpoint may be dialled now.
    package func isShortOfPeers(at now: Instant) -> Bool {
        guard !isFinished, peers.count < limits.fewPeers else { return false }
        return list.nextDialTime(at: now).map { $0 > now } ?? true
    }

    /// How many more peers may be dialled.
    private var roomToDial: Int {
        min(limits.dialsPerTorrent - dialing.count, limits.peersPerTorrent - peers.count - dialing.count)
    }

    /// Whether one more peer may be dialled.
    var hasRoomToDial: Bool { roomToDial > 0 }

    /// Requests connections from the driver as far as limits allow.
    mutating func dialMore(in batch: inout SwarmBatch) {
        guard hasStarted, hasRoomToDial else { return }
        for endpoint in list.nextToDial(upTo: roomToDial, at: batch.now) {
            dialing.insert(endpoint)
            batch.add(.dial(endpoint))
        }
    }

    /// Disconnects a peer.
    mutating func disconnect(_ slot: PeerSlot, _ reason: DisconnectReason, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        nameDribbler(peer, in: &batch)
        forget(slot, isBlameless: reason.isBlameless, at: peer.lastHeardAt, in: &batch)
        batch.add(.disconnect(slot, reason))
    }

    /// Remembers the address of a peer that was asked for blocks and sent none, because a new connection from there
    /// would be trusted again otherwise.
    mutating func noteSilence(of peer: ConnectedPeer, at now: Instant) {
        guard !peer.isWebSeed, !peer.download.pipeline.isProven else { return }
        silent.insert(peer.endpoint.address, at: now)
    }

    /// `isBlameless`: the end of the connection does not count against the endpoint. `end`: when it was last useful.
    private mutating func forget(_ slot: PeerSlot, isBlameless: Bool, at end: Instant, in batch: inout SwarmBatch) {
        guard let peer = peers.remove(slot) else { return }
        unsettled.remove(slot)
        hungry.remove(slot)
        if !peer.upload.isChoked { unchokedCount -= 1 }
        choker.handlePeerLeft(slot)
        content?.firstCopies.handleEnded(slot)
        content?.picker.handlePeerLeft(slot, having: peer.pieces)
        content?.torrent?.layerDownload?.handleLeft(slot)
        content?.torrent?.inquiry.handleLeft(slot)
        metadata?.handleLeft(slot, at: end)
        if !peer.isWebSeed {
            if peer.download.pipeline.owedTime(at: end) >= SwarmTiming.owedOnLeaving { noteSilence(of: peer, at: end) }
            let wasUseful = peer.download.meter.totalByteCount + peer.upload.meter.totalByteCount > 0
            list.handleClosed(peer.endpoint, wasUseful: wasUseful || isBlameless, at: end)
        }
        feedHungry()
        handleSuperSeededLeft(slot, in: &batch)
        tellExtensionsOfLeft(slot, in: &batch)
    }
}
