// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// Which peers may stay, and which make room.
extension Connections {
    /// The decision about a new connection.
    enum Admission {
        case admitted
        /// A connection from or to this endpoint already exists to the same peer, and is kept.
        case duplicate(of: PeerEndpoint)
        case refused
    }

    /// Decides whether to keep a new connection. `leaving`: peers that must be disconnected, whatever the decision.
    mutating func admit(
        _ new: PeerIntroduction,
        among peers: borrowing PeerTable,
        isFinished: Bool,
        leaving: inout [(slot: PeerSlot, reason: DisconnectReason)],
        at now: Instant
    ) -> Admission {
        guard hasStarted else { return .refused }
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
            leaving.append((slot, .duplicate))
        }
        guard peers.count - leaving.count >= limits.peersPerTorrent else { return .admitted }
        guard let slot = nextToYield(to: address, among: peers, isFinished: isFinished, at: now) else {
            return .refused
        }
        leaving.append(slot)
        return .admitted
    }

    /// Of two connections to one peer, both sides keep the one that the lower peer id has dialled, so that they agree.
    private func shouldReplace(_ old: ConnectedPeer, by new: PeerIntroduction) -> Bool {
        guard old.isIncoming != new.isIncoming else { return false }
        let oursIsLower = identity.peerID.bytes.bytes.lexicographicallyPrecedes(old.id.bytes.bytes)
        return oursIsLower ? !new.isIncoming : new.isIncoming
    }

    /// Returns the peer that makes room: one of the address with the most places, if that has two more than the
    /// newcomer's. Otherwise the peer that has been useless for longest. Otherwise, as a seed, one that has had its turn.
    private mutating func nextToYield(
        to address: IPAddress,
        among peers: borrowing PeerTable,
        isFinished: Bool,
        at now: Instant
    ) -> (slot: PeerSlot, reason: DisconnectReason)? {
        if let slot = leastOfLargestShare(besides: address.group, among: peers, at: now) {
            return (slot, .overItsShare)
        }
        if let useless = leastUseful(among: peers, at: now) { return (useless, .useless) }
        guard isFinished, !served.contains(address, at: now), let peer = lastServed(among: peers, at: now) else {
            return nil
        }
        served.insert(peer.endpoint.address, at: now)
        return (peer.slot, .hadItsTurn)
    }

    /// Returns the peer that transfers least, the longest connected first, of the addresses with the most places, if
    /// those are more than fair beside a newcomer from `group`.
    private func leastOfLargestShare(
        besides group: AddressGroup,
        among peers: borrowing PeerTable,
        at now: Instant
    ) -> PeerSlot? {
        let connected = peers.all { !$0.isWebSeed }
        let shares = AddressShares(of: connected.lazy.map(\.endpoint.address.group))
        guard let excessive = shares.excessive(besides: group) else { return nil }
        let candidates = connected.filter { shares[$0.endpoint.address.group] == excessive }
        return candidates.min { ($0.rate(at: now), $0.connectedAt) < ($1.rate(at: now), $1.connectedAt) }?.slot
    }

    /// Returns the useless peer with the lowest priority (BEP 40) if our own address is known, otherwise the one that
    /// has been connected longest.
    private func leastUseful(among peers: borrowing PeerTable, at now: Instant) -> PeerSlot? {
        let useless = peers.all { peer in
            !peer.isWebSeed && !peer.download.weAreInterested && !peer.upload.isInterested
                && now - peer.connectedAt > SwarmTiming.probation
        }
        return useless.min { a, b in
            let (first, second) = (list.canonicalPriority(of: a.contact), list.canonicalPriority(of: b.contact))
            return (first ?? 0, a.connectedAt) < (second ?? 0, b.connectedAt)
        }?.slot
    }

    /// Returns the peer whose turn at a seed is over and that waits longest for its next. Otherwise those that came
    /// first would keep all places as long as they want something, and no other peer would ever be served.
    private func lastServed(among peers: borrowing PeerTable, at now: Instant) -> ConnectedPeer? {
        let candidates = peers.all { peer in
            peer.upload.isChoked && peer.upload.unchokedAt != nil && now - peer.connectedAt > SwarmTiming.probation
        }
        return candidates.max { ($0.upload.unchokedAt ?? .zero) < ($1.upload.unchokedAt ?? .zero) }
    }
}

extension ConnectedPeer {
    /// Where the peer listens, as far as that is known.
    fileprivate var contact: PeerEndpoint { listensAt ?? endpoint }
}
