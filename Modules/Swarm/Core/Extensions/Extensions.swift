// SPDX-License-Identifier: Apache-2.0

internal import RucheTransport
internal import RucheWire

/// The extensions of a swarm, each a value of its own (BEP 10): which are in use, and what they know of the swarm.
///
/// What an extension requests concerns all parts, so the core executes it (`SwarmCore.carryOut`). Of a peer it keeps
/// `ConnectedPeer.extensions`. Owner: `SwarmCore`.
struct Extensions {
    private var table = ExtensionTable()
    /// What the extensions know of the swarm.
    private var facts: SwarmFacts
    private let seed: UInt64
    private let work: WorkMeter

    /// Creates the extensions that `network` allows. `seed` determines all random choices of extensions.
    init(of hashes: InfoHashes, _ network: NetworkPolicy, seed: UInt64, work: WorkMeter, at now: Instant) {
        facts = SwarmFacts(hashes: hashes, isPrivate: nil)
        self.seed = seed
        self.work = work
        if network.usesPeerExchange { add(PeerExchangeExtension.self, receiving: .peerExchange, at: now) }
        if network.punchesHoles { add(HolePunchExtension.self, receiving: .holePunching, at: now) }
    }

    private mutating func add(_ type: (some PeerExtension).Type, receiving id: OwnExtension, at now: Instant) {
        let host = ExtensionKind(type).makeHost(facts, SeededRandom(seed: seed), work, now)
        table.add(host, receiving: id.rawValue)
    }

    /// Adds an extension. Returns nil if there is one with its name, or there are too many.
    mutating func add(_ kind: ExtensionKind, at now: Instant) -> (id: UInt8, host: any ExtensionHost)? {
        guard table.host(named: kind.name) == nil, let id = table.makeID() else { return nil }
        let host = kind.makeHost(facts, SeededRandom(seed: seed &+ UInt64(id)), work, now)
        table.add(host, receiving: id)
        return (id, host)
    }

    /// Adds content that is not a torrent. Returns nil if there are too many extensions.
    mutating func setContent(_ content: ContentSeed, at now: Instant) -> (any ContentHost)? {
        guard let id = table.makeID() else { return nil }
        let facts = SwarmFacts(hashes: facts.hashes, isPrivate: content.isPrivate)
        let host = content.makeHost(facts, SeededRandom(seed: seed &+ UInt64(id)), work, now)
        table.setContent(host, receiving: id)
        return host
    }

    /// Handles new facts about the swarm.
    mutating func handleSwarm(isPrivate: Bool?, ownEndpoint: PeerEndpoint?) {
        facts = SwarmFacts(hashes: facts.hashes, isPrivate: isPrivate, ownEndpoint: ownEndpoint)
        for (_, host) in table.all { host.setSwarm(facts) }
    }

    // MARK: - Look-up

    /// All extensions, in the order of the ids under which we receive their messages.
    var all: [(id: UInt8, host: any ExtensionHost)] { table.all }

    /// The swarm's content if it is not a torrent: one of `all`.
    var content: (any ContentHost)? { table.content }

    /// The extensions that are announced to peers.
    var offered: [(id: UInt8, host: any ExtensionHost)] { table.all.filter { isOffered($0.host) } }

    /// Returns whether the extension is announced to peers.
    func isOffered(_ host: any ExtensionHost) -> Bool { host.servesPrivateTorrents || facts.isPrivate != true }

    /// The extension whose messages have this id.
    func host(receiving id: UInt8) -> (any ExtensionHost)? { table.host(receiving: id) }

    func host(named name: ExtensionName) -> (any ExtensionHost)? { table.host(named: name) }

    /// Returns whether an extension uses the connection to the peer, or may yet.
    func keep(_ peer: ConnectedPeer) -> Bool {
        guard peer.isExtended else { return false }
        for (_, host) in table.all where host.keepsSeeds && isOffered(host) {
            if !peer.extensions.areKnown || peer.extensions[host.name] != 0 { return true }
        }
        return false
    }
}
