// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The peers that were announced to this node, by info-hash (BEP 5, BEP 33).
///
/// Limited in swarms, in peers of a swarm, and in what one party may announce. If the store is full, a new swarm
/// replaces the one that is furthest from this node's id, provided that it is nearer itself, so an attacker must
/// compete for the place with the swarms that belong here.
struct PeerStore: Sendable {
    struct Peer: Sendable {
        let endpoint: PeerEndpoint
        let party: Party
        let isSeed: Bool
        let expiry: Instant
    }

    private struct Swarm: Sendable {
        let infoHash: NodeID
        var peers: [Peer]
    }

    private let limits: DHTLimits
    private var places: [NodeID: Int] = [:]
    private var swarms: [Swarm] = []
    private var announced: [Party: Int] = [:]
    private(set) var peerCount = 0

    init(limits: DHTLimits) { self.limits = limits }

    /// The number of swarms with at least one peer.
    var swarmCount: Int { swarms.count }

    /// Adds or renews a peer. Returns false if there is no room.
    mutating func insert(
        _ endpoint: PeerEndpoint,
        isSeed: Bool,
        in infoHash: NodeID,
        near own: NodeID,
        at now: Instant
    ) -> Bool {
        let peer = Peer(
            endpoint: endpoint,
            party: Party(endpoint),
            isSeed: isSeed,
            expiry: now + limits.peerLifetime
        )
        if let place = places[infoHash], let index = swarms[place].peers.firstIndex(where: { $0.party == peer.party }) {
            swarms[place].peers[index] = peer
            return true
        }
        guard announced[peer.party, default: 0] < limits.swarmsPerParty, peerCount < limits.peers,
            makeRoom(for: infoHash, near: own)
        else { return false }
        let place = places[infoHash] ?? swarms.count
        if place == swarms.count {
            swarms.append(Swarm(infoHash: infoHash, peers: []))
            places[infoHash] = place
        }
        guard swarms[place].peers.count < limits.peersPerSwarm else { return false }
        swarms[place].peers.append(peer)
        peerCount += 1
        announced[peer.party, default: 0] += 1
        return true
    }

    /// Whether a swarm accepts no further peers. No token is issued for it then (BEP 33).
    func isFull(_ infoHash: NodeID) -> Bool {
        places[infoHash].map { swarms[$0].peers.count >= limits.peersPerSwarm } ?? false
    }

    /// Returns up to `count` random peers.
    func peers(
        of infoHash: NodeID,
        skippingSeeds: Bool,
        count: Int,
        using random: inout some RandomNumberGenerator
    ) -> [PeerEndpoint] {
        guard let place = places[infoHash] else { return [] }
        var chosen = swarms[place].peers.filter { !skippingSeeds || !$0.isSeed }.map(\.endpoint)
        let wanted = min(max(0, count), chosen.count)
        for index in 0..<wanted { chosen.swapAt(index, Int.random(in: index..<chosen.count, using: &random)) }
        return Array(chosen.prefix(wanted))
    }

    /// Returns the seeds and the other peers as Bloom filters (BEP 33); nil if no peer is known.
    func filters(of infoHash: NodeID) -> (seeds: ScrapeFilter, peers: ScrapeFilter)? {
        guard let place = places[infoHash] else { return nil }
        var (seeds, peers) = (ScrapeFilter(), ScrapeFilter())
        for peer in swarms[place].peers {
            if peer.isSeed { seeds.insert(peer.endpoint.address) } else { peers.insert(peer.endpoint.address) }
        }
        return (seeds, peers)
    }

    /// Returns up to `count` info-hashes from `start` on, wrapping around.
    func infoHashes(from start: Int, count: Int) -> [NodeID] {
        guard !swarms.isEmpty else { return [] }
        return (0..<min(count, swarms.count)).map { swarms[(start + $0) % swarms.count].infoHash }
    }

    /// Removes the peers that did not announce again in time.
    mutating func expire(at now: Instant) {
        for place in swarms.indices.reversed() {
            for peer in swarms[place].peers where peer.expiry <= now { forget(peer) }
            swarms[place].peers.removeAll { $0.expiry <= now }
            if swarms[place].peers.isEmpty { remove(place) }
        }
    }

    private mutating func makeRoom(for infoHash: NodeID, near own: NodeID) -> Bool {
        guard places[infoHash] == nil, swarms.count >= limits.swarms else { return true }
        let distances = swarms.map { $0.infoHash.distance(to: own) }
        guard let worst = distances.indices.max(by: { distances[$0] < distances[$1] }),
            infoHash.distance(to: own) < distances[worst]
        else { return false }
        for peer in swarms[worst].peers { forget(peer) }
        remove(worst)
        return true
    }

    private mutating func forget(_ peer: Peer) {
        peerCount -= 1
        guard let count = announced[peer.party] else { return }
        announced[peer.party] = count > 1 ? count - 1 : nil
    }

    private mutating func remove(_ place: Int) {
        places[swarms[place].infoHash] = nil
        let last = swarms.removeLast()
        guard place < swarms.count else { return }
        swarms[place] = last
        places[last.infoHash] = place
    }
}
