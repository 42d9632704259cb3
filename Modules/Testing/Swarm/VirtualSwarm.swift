// SPDX-License-Identifier: Apache-2.0

public import RucheStorage
public import RucheSwarm
public import RucheWire

/// A torrent, those who share it, and the network between them: what a simulation begins with.
///
///     let swarm = VirtualSwarm(try VirtualTorrent(.v1, pieceLength: 32_768, fileSizes: [1 << 20], seed: 1), seed: 1)
///     swarm.add(.seed).start()
///     swarm.add(.leecher).start()
///     swarm.run(for: .minutes(10)) { swarm.peers.allSatisfy(\.isComplete) }
public final class VirtualSwarm {
    /// The network. Change its `conditions` at any time.
    public let network: VirtualNetwork
    /// What is shared.
    public let torrent: VirtualTorrent
    /// By which peers find each other.
    public let tracker: VirtualTracker
    /// Everybody, in the order in which they were added.
    public private(set) var peers: [VirtualPeer] = []
    /// For peers that are added from now on.
    public var limits = SwarmLimits()

    /// A swarm of nobody. `seed` decides everything that is left to chance.
    public init(_ torrent: VirtualTorrent, seed: UInt64, conditions: NetworkConditions = NetworkConditions()) {
        self.torrent = torrent
        network = VirtualNetwork(seed: seed, conditions: conditions)
        tracker = VirtualTracker(network)
    }

    /// Adds a peer on a host of its own; start it.
    @discardableResult
    public func add(
        _ role: PeerRole = .leecher,
        _ conduct: Conduct = .honest,
        capacity: LinkCapacity = .broadband,
        store: (any PieceStore)? = nil
    ) -> VirtualPeer {
        let peer = VirtualPeer(
            name: "peer\(peers.count)",
            host: network.addHost(capacity),
            torrent: torrent,
            role: role,
            conduct: conduct,
            tracker: tracker,
            limits: limits,
            store: store
        )
        peers.append(peer)
        return peer
    }

    /// Those who mean well.
    public var honestPeers: [VirtualPeer] { peers.filter(\.isHonest) }

    /// The virtual moment.
    public var now: Instant { network.now }

    /// Lets this much time pass, or less, if `isDone` before: asked ten times a virtual second. Whether it was.
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
    /// Tells `peer` of `other`, as a user does.
    public func introduce(_ peer: VirtualPeer, to other: VirtualPeer) { peer.handleFound([other.endpoint]) }
}
