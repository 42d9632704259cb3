// SPDX-License-Identifier: Apache-2.0

public import RucheStorage
public import RucheSwarm
public import RucheWire

/// A torrent, the peers that share it, and the network between them: the starting point of a simulation.
///
///     let swarm = VirtualSwarm(try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [1 << 20], seed: 1), seed: 1)
///     swarm.add(.seed).start()
///     swarm.add(.leecher).start()
///     swarm.run(for: .minutes(10)) { swarm.peers.allSatisfy(\.isComplete) }
public final class VirtualSwarm {
    /// The network. Its `conditions` may change at any time.
    public let network: VirtualNetwork
    /// The torrent that the peers share.
    public let torrent: VirtualTorrent
    /// The tracker by which peers find each other.
    public let tracker: VirtualTracker
    /// All peers, in the order in which they were added.
    public private(set) var peers: [VirtualPeer] = []
    /// The limits of peers that are added from now on.
    public var limits = SwarmLimits()
    /// Whether peers that are added from now on connect over uTP, which reaches through NATs (`VirtualHost.nat`).
    public var usesUTP = false

    /// Creates a swarm without peers. `seed` determines everything random.
    public init(_ torrent: VirtualTorrent, seed: UInt64, conditions: NetworkConditions = NetworkConditions()) {
        self.torrent = torrent
        network = VirtualNetwork(seed: seed, conditions: conditions)
        tracker = VirtualTracker(network)
    }

    /// Adds a peer, on a new host unless it shares that of `neighbour`. Call `start` on it.
    @discardableResult
    public func add(
        _ role: PeerRole = .leecher,
        _ conduct: Conduct = .honest,
        capacity: LinkCapacity = .broadband,
        store: (any PieceStore)? = nil,
        beside neighbour: VirtualPeer? = nil
    ) -> VirtualPeer {
        let neighbourCount = peers.count { $0.host === neighbour?.host }
        let peer = VirtualPeer(
            name: "peer\(peers.count)",
            host: neighbour?.host ?? network.addHost(capacity),
            port: 6881 + UInt16(clamping: neighbourCount),
            torrent: torrent,
            role: role,
            conduct: conduct,
            tracker: tracker,
            limits: limits,
            usesUTP: usesUTP,
            store: store
        )
        peers.append(peer)
        return peer
    }

    /// Adds a peer that shares `content` instead of the torrent, on a new host. `onReport` is called with what its content
    /// reports. Call `start` on it.
    @discardableResult
    public func add<Body: Content>(
        content: Body,
        capacity: LinkCapacity = .broadband,
        store: (any PieceStore)? = nil,
        onReport: @escaping (Body.Report) -> Void = { _ in }
    ) -> VirtualPeer {
        let peer = VirtualPeer(
            name: "peer\(peers.count)",
            host: network.addHost(capacity),
            port: 6881,
            content: ContentSeed(content),
            beside: torrent,
            tracker: tracker,
            limits: limits,
            store: store ?? MemoryStore(content.shape.geometry)
        )
        peer.extensionReaders[Body.name] = { if let report = $0 as? Body.Report { onReport(report) } }
        peers.append(peer)
        return peer
    }

    /// The peers that follow the protocol.
    public var honestPeers: [VirtualPeer] { peers.filter(\.isHonest) }

    /// The current virtual time.
    public var now: Instant { network.now }

    /// Runs for `interval` of virtual time, or until `isDone`, which is checked every 100 virtual milliseconds. Returns
    /// whether it became true.
    @discardableResult
    public func run(for interval: Interval, until isDone: () -> Bool = { false }) -> Bool {
        let end = network.now + interval
        while network.now < end {
            if isDone() { return true }
            network.run(until: min(end, network.now + .milliseconds(100)))
        }
        return isDone()
    }
}

extension VirtualSwarm {
    /// Tells `peer` the endpoint of `other`, as a user could.
    public func introduce(_ peer: VirtualPeer, to other: VirtualPeer) { peer.handleFound([other.endpoint]) }
}
