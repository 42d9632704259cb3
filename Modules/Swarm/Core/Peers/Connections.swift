// SPDX-License-Identifier: Apache-2.0

internal import RucheTransport
package import RucheWire

/// The connections of a swarm: which endpoints are dialled, which peers are admitted, and which make room for others.
///
/// Owner: `SwarmCore`.
package struct Connections {
    package internal(set) var list: PeerList
    /// Peers are dialled and admitted.
    package internal(set) var hasStarted = false
    /// The endpoints that the driver is dialling.
    package internal(set) var dialing: Set<PeerEndpoint> = []
    /// Connections whose handshakes are not complete.
    var openings = OpeningConnections()
    /// The number of connections so far, including web seeds: each gets its own number for the life of the swarm.
    private var connectionCount: UInt64 = 0
    /// Addresses that gave up their place at a full seed for others. They return only while there is room: otherwise
    /// the address that dials most often would get all the turns.
    var served = RecentAddresses(for: SwarmTiming.servedRest)
    private var addressVotes = AddressVotes()
    private var nextTurnoverAt: Instant
    private var nextStandingAt: Instant
    let identity: SwarmCore.Identity
    let limits: SwarmLimits

    /// Creates a state without known endpoints. `seed` determines the order of dials.
    init(
        identity: SwarmCore.Identity,
        limits: SwarmLimits,
        blocked: BlockedAddresses,
        seed: UInt64,
        work: WorkMeter,
        at now: Instant
    ) {
        self.identity = identity
        self.limits = limits
        var listLimits = PeerListLimits()
        listLimits.endpointCount = limits.knownEndpoints
        list = PeerList(limits: listLimits, blocked: blocked, seed: seed, work: work)
        nextTurnoverAt = now + SwarmTiming.turnover
        nextStandingAt = now + SwarmTiming.standing
    }

    // MARK: - Dialling

    /// Requests connections from the driver as far as limits allow, beside `peerCount` connected peers.
    mutating func dialMore(beside peerCount: Int, in batch: inout SwarmBatch) {
        let room = roomToDial(beside: peerCount)
        guard hasStarted, room > 0 else { return }
        for endpoint in list.nextToDial(upTo: room, at: batch.now) {
            dialing.insert(endpoint)
            batch.add(.dial(endpoint))
        }
    }

    /// Returns how many more peers may be dialled, beside `peerCount` connected ones.
    private func roomToDial(beside peerCount: Int) -> Int {
        min(limits.dialsPerTorrent - dialing.count, limits.peersPerTorrent - peerCount - dialing.count)
    }

    /// Dials an endpoint that a peer has named, outside of its turn.
    mutating func dial(
        _ endpoint: PeerEndpoint,
        over kind: TransportKind,
        namedBy peer: ConnectedPeer,
        beside peerCount: Int,
        in batch: inout SwarmBatch
    ) {
        guard hasStarted, roomToDial(beside: peerCount) > 0, remember(endpoint, namedBy: peer, at: batch.now),
            list.handleDialBegun(endpoint)
        else { return }
        dialing.insert(endpoint)
        batch.add(.dialOver(kind, endpoint))
    }

    /// Remembers an endpoint that a peer has named. Returns false if it must not be dialled.
    mutating func remember(
        _ endpoint: PeerEndpoint,
        isSaidToSeed: Bool = false,
        namedBy peer: ConnectedPeer,
        at now: Instant
    ) -> Bool {
        let (address, teller) = (endpoint.address, peer.endpoint.address)
        // A remote peer cannot know what is in this machine's networks, and must not make us contact it.
        guard !address.isPrivate || teller.isPrivate, !address.isThisMachine || teller.isThisMachine else {
            return false
        }
        return list.handleFound(
            endpoint,
            from: address.group == teller.group ? .incoming : .pex,
            isSaidToSeed: isSaidToSeed,
            by: teller.group,
            at: now
        )
    }

    /// Returns whether `peerCount` peers are few, and no known endpoint may be dialled now.
    func isShortOfPeers(beside peerCount: Int, at now: Instant) -> Bool {
        guard peerCount < limits.fewPeers else { return false }
        return list.nextDialTime(at: now).map { $0 > now } ?? true
    }

    // MARK: - Coming and going

    /// Handles an admitted peer. Returns the source that identifies its blocks.
    mutating func handleJoined(_ introduction: PeerIntroduction, at now: Instant) -> BlockSource {
        connectionCount += 1
        if introduction.webSeed == nil {
            list.handleConnected(introduction.endpoint, isIncoming: introduction.isIncoming, at: now)
        }
        return BlockSource(introduction, connection: connectionCount)
    }

    /// Handles a peer that has left. `isBlameless`: the end of the connection does not count against the endpoint.
    mutating func handleLeft(_ peer: ConnectedPeer, isBlameless: Bool, at end: Instant) {
        guard !peer.isWebSeed else { return }
        let wasUseful = peer.download.meter.totalByteCount + peer.upload.meter.totalByteCount > 0
        list.handleClosed(peer.endpoint, wasUseful: wasUseful || isBlameless, at: end)
    }

    /// Handles our address as named by a peer: dials and useless peers are ordered by it (BEP 40). Returns whether our
    /// endpoint has changed.
    mutating func noteOwnAddress(_ address: IPAddress, by peer: ConnectedPeer) -> Bool {
        guard let own = addressVotes.handleVote(for: address, by: peer.endpoint.address) else { return false }
        let endpoint = PeerEndpoint(address: own, port: identity.listenPort)
        guard list.ownEndpoint != endpoint else { return false }
        list.ownEndpoint = endpoint
        return true
    }

    // MARK: - Time

    /// Reports which connections are useful, and checks claims, if that is due. `isCaughtUp`: we need no peers.
    mutating func handleTick(among peers: borrowing PeerTable, isCaughtUp: Bool, in batch: inout SwarmBatch) {
        guard batch.now >= nextStandingAt else { return }
        nextStandingAt = batch.now + SwarmTiming.standing
        noteStandings(among: peers, in: &batch)
        if !isCaughtUp { doubtClaims(among: peers, at: batch.now) }
    }

    /// Reports which connections are useful, if that has changed.
    private func noteStandings(among peers: borrowing PeerTable, in batch: inout SwarmBatch) {
        for slot in peers.occupied {
            guard let peer = peers[slot], !peer.isWebSeed else { continue }
            let isBusy = peer.rate(at: batch.now) >= 1
            guard isBusy != peer.isHeldAsBusy else { continue }
            peer.isHeldAsBusy = isBusy
            batch.add(.standing(slot, isBusy: isBusy))
        }
    }

    /// Checks where incoming peers that give nothing listen: while they claim to listen on an honest peer's endpoint,
    /// that is not dialled.
    private mutating func doubtClaims(among peers: borrowing PeerTable, at now: Instant) {
        for slot in peers.occupied {
            guard let peer = peers[slot], peer.isIncoming else { continue }
            if peer.download.meter.rateBytesPerSecond(at: now) < TitForTatPolicy.leastRate {
                list.handleDoubt(of: peer.endpoint, at: now)
            }
        }
    }

    /// Chooses peers to disconnect, to make room for others, if every place is taken and next to nothing arrives: all
    /// connected peers may be of the kind that never gives. `downloadRate`: from all peers together, in bytes per
    /// second; nil if we need nothing.
    mutating func nextTurnover(
        among peers: borrowing PeerTable,
        downloadRate: Double?,
        using random: inout SeededRandom,
        at now: Instant
    ) -> ArraySlice<PeerSlot> {
        guard now >= nextTurnoverAt else { return [] }
        nextTurnoverAt = now + SwarmTiming.turnover
        guard let downloadRate, downloadRate < SwarmBounds.starvingRate,
            limits.peersPerTorrent - peers.count <= dialing.count, list.nextDialTime(at: now) != nil
        else { return [] }
        var idle: [PeerSlot] = []
        for slot in peers.occupied {
            guard let peer = peers[slot], !peer.isWebSeed, now - peer.connectedAt > SwarmTiming.probation,
                peer.download.weAreInterested,
                peer.download.meter.rateBytesPerSecond(at: now) < TitForTatPolicy.leastRate
            else { continue }
            idle.append(slot)
        }
        let count = max(1, limits.peersPerTorrent / SwarmBounds.turnoverDivisor)
        return idle.shuffled(using: &random).prefix(count)
    }
}

extension ConnectedPeer {
    /// Returns the bytes of blocks per second in both directions.
    func rate(at now: Instant) -> Double {
        download.meter.rateBytesPerSecond(at: now) + upload.meter.rateBytesPerSecond(at: now)
    }
}
