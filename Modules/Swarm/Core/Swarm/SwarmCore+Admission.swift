// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// Which peers may stay, and which make room.
extension SwarmCore {
    /// The decision about a new connection.
    enum Admission {
        case admitted
        /// A connection from or to this endpoint already exists to the same peer, and is kept.
        case duplicate(of: PeerEndpoint)
        case refused
    }

    /// Decides whether to keep a new connection.
    mutating func admit(_ new: PeerIntroduction, in batch: inout SwarmBatch) -> Admission {
        // A web seed is the user's choice, and we found it ourselves: nothing that peers do counts against it.
        guard new.webSeed == nil else { return .admitted }
        if new.handshake.peerID == identity.peerID {
            if !new.isIncoming { list.handleSelf(new.endpoint) }
            return .refused
        }
        let address = new.endpoint.address
        // Any peer may use another's id, so it matters only between connections of one address.
        for slot in peers.occupied {
            guard let peer = peers[slot], !peer.isWebSeed, peer.endpoint.address == address,
                peer.id == new.handshake.peerID
            else { continue }
            guard new.isNamed, shouldReplace(peer, by: new) else { return .duplicate(of: peer.endpoint) }
            disconnect(slot, .duplicate, in: &batch)
        }
        guard peers.count < limits.peersPerTorrent || makeRoom(for: address, in: &batch) else {
            return .refused
        }
        return .admitted
    }

    /// Of two connections to one peer, both sides keep the one that the lower peer id has dialled, so that they agree.
    private func shouldReplace(_ old: ConnectedPeer, by new: PeerIntroduction) -> Bool {
        guard old.isIncoming != new.isIncoming else { return false }
        let oursIsLower = identity.peerID.bytes.bytes.lexicographicallyPrecedes(old.id.bytes.bytes)
        return oursIsLower ? !new.isIncoming : new.isIncoming
    }

    /// Disconnects a peer of the address with the most places, if that has two more than the newcomer's. Otherwise the
    /// peer that has been useless for longest. Otherwise, as a seed, one that has had its turn.
    private mutating func makeRoom(for address: IPAddress, in batch: inout SwarmBatch) -> Bool {
        if let slot = leastOfLargestShare(besides: address.group, at: batch.now) {
            disconnect(slot, .overItsShare, in: &batch)
        } else if let useless = leastUseful(at: batch.now) {
            disconnect(useless, .useless, in: &batch)
        } else if !served.contains(address, at: batch.now), let slot = lastServed(at: batch.now), let peer = peers[slot]
        {
            served.insert(peer.endpoint.address, at: batch.now)
            disconnect(slot, .hadItsTurn, in: &batch)
        } else {
            return false
        }
        return true
    }

    /// Returns the peer that transfers least, the longest connected first, of the addresses with the most places, if
    /// those are more than fair beside a newcomer from `group`.
    private func leastOfLargestShare(besides group: AddressGroup, at now: Instant) -> PeerSlot? {
        var shares: [AddressGroup: Int] = [:]
        for slot in peers.occupied {
            guard let peer = peers[slot], !peer.isWebSeed else { continue }
            shares[peer.endpoint.address.group, default: 0] += 1
        }
        let largest = shares.values.max() ?? 0
        guard largest >= shares[group, default: 0] + 2 else { return nil }
        let candidates = peers.occupied.filter { slot in
            guard let peer = peers[slot], !peer.isWebSeed else { return false }
            return shares[peer.endpoint.address.group] == largest
        }
        return candidates.min { a, b in
            guard let a = peers[a], let b = peers[b] else { return false }
            return (a.rate(at: now), a.connectedAt) < (b.rate(at: now), b.connectedAt)
        }
    }

    /// Checks where incoming peers that give nothing listen: while they claim to listen on an honest peer's endpoint,
    /// that is not dialled. A seed needs no peers.
    mutating func doubtClaims(at now: Instant) {
        guard !isCaughtUp else { return }
        for slot in peers.occupied {
            guard let peer = peers[slot], peer.isIncoming else { continue }
            if peer.download.meter.rateBytesPerSecond(at: now) < TitForTatPolicy.leastRate {
                list.handleDoubt(of: peer.endpoint, at: now)
            }
        }
    }

    /// Reports which connections are useful, if that has changed.
    mutating func noteStandings(in batch: inout SwarmBatch) {
        for slot in peers.occupied {
            guard let peer = peers[slot], !peer.isWebSeed else { continue }
            let isBusy = peer.rate(at: batch.now) >= 1
            guard isBusy != peer.isHeldAsBusy else { continue }
            peer.isHeldAsBusy = isBusy
            batch.add(.standing(slot, isBusy: isBusy))
        }
    }

    /// Handles our address as named by a peer: dials and useless peers are ordered by it (BEP 40).
    mutating func noteOwnAddress(_ address: IPAddress, by peer: ConnectedPeer) {
        guard let own = addressVotes.handleVote(for: address, by: peer.endpoint.address) else { return }
        let endpoint = PeerEndpoint(address: own, port: identity.listenPort)
        guard list.ownEndpoint != endpoint else { return }
        list.ownEndpoint = endpoint
        tellExtensionsOfSwarm()
    }

    /// Returns the useless peer with the lowest priority (BEP 40) if our own address is known, otherwise the one that
    /// has been connected longest.
    private func leastUseful(at now: Instant) -> PeerSlot? {
        let useless = peers.occupied.filter { slot in
            guard let peer = peers[slot], !peer.isWebSeed else { return false }
            return !peer.download.weAreInterested && !peer.upload.isInterested
                && now - peer.connectedAt > SwarmTiming.probation
        }
        return useless.min { a, b in
            guard let a = peers[a], let b = peers[b] else { return false }
            let (first, second) = (list.canonicalPriority(of: a.contact), list.canonicalPriority(of: b.contact))
            return (first ?? 0, a.connectedAt) < (second ?? 0, b.connectedAt)
        }
    }

    /// Returns the peer whose turn at a seed is over and that waits longest for its next. Otherwise those that came
    /// first would keep all places as long as they want something, and no other peer would ever be served.
    private func lastServed(at now: Instant) -> PeerSlot? {
        guard isFinished else { return nil }
        let candidates = peers.occupied.filter { slot in
            guard let peer = peers[slot], peer.upload.isChoked, peer.upload.unchokedAt != nil else { return false }
            return now - peer.connectedAt > SwarmTiming.probation
        }
        return candidates.max { a, b in (peers[a]?.upload.unchokedAt ?? .zero) < (peers[b]?.upload.unchokedAt ?? .zero)
        }
    }

    /// Makes room for others if every place is taken and next to nothing arrives: all connected peers may be of the
    /// kind that never gives.
    mutating func turnOver(in batch: inout SwarmBatch) {
        guard !isCaughtUp, content != nil, limits.peersPerTorrent - peers.count <= dialing.count,
            download.rateBytesPerSecond(at: batch.now) < SwarmBounds.starvingRate,
            list.nextDialTime(at: batch.now) != nil
        else { return }
        let idle = peers.occupied.filter { slot in
            guard let peer = peers[slot], !peer.isWebSeed, batch.now - peer.connectedAt > SwarmTiming.probation else {
                return false
            }
            return peer.download.weAreInterested
                && peer.download.meter.rateBytesPerSecond(at: batch.now) < TitForTatPolicy.leastRate
        }
        let count = max(1, limits.peersPerTorrent / SwarmBounds.turnoverDivisor)
        for slot in idle.shuffled(using: &random).prefix(count) { disconnect(slot, .useless, in: &batch) }
    }
}

extension ConnectedPeer {
    /// Where the peer listens, as far as that is known.
    fileprivate var contact: PeerEndpoint { listensAt ?? endpoint }

    /// Returns the bytes of blocks per second in both directions.
    func rate(at now: Instant) -> Double {
        download.meter.rateBytesPerSecond(at: now) + upload.meter.rateBytesPerSecond(at: now)
    }
}
