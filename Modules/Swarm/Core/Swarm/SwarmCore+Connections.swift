// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
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

    /// Handshakes were exchanged. Nil where the peer is not wanted: close the connection.
    package mutating func handleConnected(
        _ introduction: PeerIntroduction,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) -> PeerSlot? {
        if !introduction.isIncoming { dialing.remove(introduction.endpoint) }
        guard hasStarted, admits(introduction, at: now, into: &effects) else {
            if !introduction.isIncoming { list.handleDialFailed(introduction.endpoint, at: now) }
            return nil
        }
        let pieceCount = content?.geometry.pieceCount ?? 0
        let peer = ConnectedPeer(introduction, pieceCount: pieceCount, limits: limits, at: now)
        peer.toldHaves = content?.haveLog.end ?? 0
        let slot = peers.insert(peer)
        list.handleConnected(introduction.endpoint, isIncoming: introduction.isIncoming, at: now)
        content?.picker.handlePeerJoined(slot, from: introduction.endpoint.address)
        describeOurselves(to: slot, at: now, into: &effects)
        return slot
    }

    /// The connection is gone, by the other side or by an error.
    package mutating func handleClosed(_ slot: PeerSlot, at now: Instant, into effects: inout [SwarmEffect]) {
        forget(slot, at: now, into: &effects)
        dialMore(at: now, into: &effects)
    }

    /// Asks the driver for connections as far as limits allow.
    /// Something is missing, few are connected, and nobody is known who could be dialled now.
    package func isShortOfPeers(at now: Instant) -> Bool {
        guard !isFinished, peers.count < limits.fewPeers else { return false }
        return list.nextDialTime(at: now).map { $0 > now } ?? true
    }

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
        forget(slot, at: peer.lastHeardAt, into: &effects)
        effects.append(.disconnect(slot, reason))
    }

    /// Counts what a peer did, and does what its budget has come to.
    mutating func misbehave(
        _ misbehaviour: Misbehaviour,
        by slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard let peer = peers[slot] else { return }
        effects.append(.misbehaved(peer.endpoint, misbehaviour))
        switch peer.budget.handle(misbehaviour, at: now) {
        case .ignore: break
        case .drop: disconnect(slot, .misbehaviour(misbehaviour), into: &effects)
        case .ban: ban(peer.endpoint.address, for: misbehaviour, into: &effects)
        }
    }

    /// The driver could make nothing of what the peer sent.
    package mutating func handleMisbehaviour(
        _ misbehaviour: Misbehaviour,
        by slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        misbehave(misbehaviour, by: slot, at: now, into: &effects)
    }

    /// Refuses an address from now on, and sends away whoever is there.
    mutating func ban(_ address: IPAddress, for misbehaviour: Misbehaviour, into effects: inout [SwarmEffect]) {
        list.ban(address, reason: misbehaviour)
        effects.append(.banned(address))
        for slot in peers.occupied where peers[slot]?.endpoint.address == address {
            disconnect(slot, .misbehaviour(misbehaviour), into: &effects)
        }
    }

    /// Whether a new connection is worth keeping.
    private mutating func admits(
        _ new: PeerIntroduction,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) -> Bool {
        if new.handshake.peerID == identity.peerID {
            if !new.isIncoming { list.handleSelf(new.endpoint) }
            return false
        }
        let address = new.endpoint.address
        guard !list.isBanned(address, at: now) else { return false }
        var fromAddress = 0
        for slot in peers.occupied {
            guard let peer = peers[slot] else { continue }
            if peer.endpoint.address == address { fromAddress += 1 }
            guard peer.id == new.handshake.peerID else { continue }
            guard shouldReplace(peer, by: new) else { return false }
            disconnect(slot, .duplicate, into: &effects)
        }
        guard fromAddress < limits.peersPerAddress else { return false }
        return peers.count < limits.peersPerTorrent || makeRoom(for: address, at: now, into: &effects)
    }

    /// Two connections to one peer: both ends keep the one that the lower peer id has dialled, so that they agree.
    private func shouldReplace(_ old: ConnectedPeer, by new: PeerIntroduction) -> Bool {
        guard old.isIncoming != new.isIncoming else { return false }
        let oursIsLower = identity.peerID.bytes.bytes.lexicographicallyPrecedes(old.id.bytes.bytes)
        return oursIsLower ? !new.isIncoming : new.isIncoming
    }

    /// Sends away the peer that has been of no use for longest, or else, from a seed, one that has had its turn.
    private mutating func makeRoom(
        for address: IPAddress,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) -> Bool {
        if let useless = longestUseless(at: now) {
            disconnect(useless, .useless, into: &effects)
        } else if !served.contains(address, at: now), let slot = lastServed(at: now), let peer = peers[slot] {
            served.insert(peer.endpoint.address, at: now)
            disconnect(slot, .hadItsTurn, into: &effects)
        } else {
            return false
        }
        return true
    }

    private func longestUseless(at now: Instant) -> PeerSlot? {
        let useless = peers.occupied.filter { slot in
            guard let peer = peers[slot] else { return false }
            return !peer.weAreInterested && !peer.isInterested && now - peer.connectedAt > SwarmTiming.probation
        }
        return useless.min { a, b in (peers[a]?.connectedAt ?? now) < (peers[b]?.connectedAt ?? now) }
    }

    /// Of those whose turn at a seed is over, the one that has the longest to wait for its next. Else those who came first
    /// would keep all places for as long as they want something, and nobody else would ever be served.
    private func lastServed(at now: Instant) -> PeerSlot? {
        guard isFinished else { return nil }
        let candidates = peers.occupied.filter { slot in
            guard let peer = peers[slot], peer.isChoked, peer.unchokedAt != nil else { return false }
            return now - peer.connectedAt > SwarmTiming.probation
        }
        return candidates.max { a, b in (peers[a]?.unchokedAt ?? .zero) < (peers[b]?.unchokedAt ?? .zero) }
    }

    /// Where every place is taken and next to nothing comes, makes room for others: those whom we are connected to may all
    /// be of the kind that never gives.
    mutating func turnOver(at now: Instant, into effects: inout [SwarmEffect]) {
        guard !isFinished, content != nil, limits.peersPerTorrent - peers.count <= dialing.count,
            download.rateBytesPerSecond(at: now) < SwarmBounds.starvingRate, list.nextDialTime(at: now) != nil
        else { return }
        let idle = peers.occupied.filter { slot in
            guard let peer = peers[slot], now - peer.connectedAt > SwarmTiming.probation else { return false }
            return peer.weAreInterested && peer.download.rateBytesPerSecond(at: now) < TitForTatPolicy.leastRate
        }
        let count = max(1, limits.peersPerTorrent / SwarmBounds.turnoverDivisor)
        for slot in idle.shuffled(using: &random).prefix(count) { disconnect(slot, .useless, into: &effects) }
    }

    private mutating func forget(_ slot: PeerSlot, at now: Instant, into effects: inout [SwarmEffect]) {
        guard let peer = peers.remove(slot) else { return }
        unsettled.remove(slot)
        hungry.remove(slot)
        if !peer.isChoked { unchokedCount -= 1 }
        choker.handlePeerLeft(slot)
        content?.firstCopies.handleEnded(slot)
        content?.picker.handlePeerLeft(slot, having: peer.pieces)
        content?.layerDownload?.handleLeft(slot)
        content?.inquiry.handleLeft(slot)
        metadata?.handleLeft(slot)
        let wasUseful = peer.download.totalByteCount + peer.upload.totalByteCount > 0
        list.handleClosed(peer.endpoint, wasUseful: wasUseful, at: now)
        feedHungry()
        handleSuperSeededLeft(slot, at: now, into: &effects)
    }
}
