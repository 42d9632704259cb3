// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// The protocol of one torrent, without sockets, disks or clocks: it is told what has happened, and returns what to do.
///
/// Owner: one driver (NIO in production, the virtual network in tests), on one thread. Grammar: `handle…` takes an
/// event; `settle` is called once after each batch of them and assigns new requests; then the driver executes the
/// effects in order. A peer is identified by its slot, from `handleConnected` to `handleClosed` or `.disconnect`.
///
///     metadata unknown ── metadataComplete, handleContent ──▶ downloading ── completed ──▶ seeding
///
/// Invariant: `have` only ever names pieces that the driver has reported as stored.
package struct SwarmCore: ~Copyable {
    /// The properties of a torrent that never change.
    package struct Identity: Sendable {
        package var hashes: InfoHashes
        package var peerID: PeerID
        /// The port on which we accept connections, for extended handshakes; 0 if none.
        package var listenPort: UInt16
        /// The port of our DHT node, for public torrents' peers (BEP 5); 0 if none.
        package var dhtPort: UInt16
        /// For example `Ruche 0.1`.
        package var clientName: String

        package init(
            hashes: InfoHashes,
            peerID: PeerID,
            listenPort: UInt16,
            dhtPort: UInt16 = 0,
            clientName: String
        ) {
            self.hashes = hashes
            self.peerID = peerID
            self.listenPort = listenPort
            self.dhtPort = dhtPort
            self.clientName = clientName
        }
    }

    package let identity: Identity
    package let limits: SwarmLimits
    package internal(set) var peers: PeerTable
    package internal(set) var list: PeerList
    /// Everything that needs the metadata; nil until it is known.
    package internal(set) var content: SwarmContent?
    /// Bytes of pieces from and to all peers.
    package internal(set) var download: RateMeter
    package internal(set) var upload: RateMeter
    /// Received bytes that were useless: duplicates, and pieces that failed verification.
    package internal(set) var wastedByteCount = 0
    /// The number of steps so far of everything whose cost depends on sizes and counts.
    package let work = WorkMeter()

    var random: SeededRandom
    var metadata: MetadataDownload?
    var metadataBytes: [UInt8] = []
    var choker: Choker
    var readers = ContentReaders()
    /// The order that was chosen before the content was known.
    var chosenOrder: FetchOrder?
    /// Addresses that gave up their place at a full seed for others. They return only while there is room: otherwise
    /// the address that dials most often would get all the turns.
    var served = RecentAddresses(for: SwarmTiming.servedRest)
    /// Addresses of peers that were asked for blocks and sent none: a new connection from there is not relied on before
    /// its first block.
    var silent = RecentAddresses(for: SwarmTiming.silentMemory)
    /// The number of connections so far, including web seeds: each gets its own number for the life of the swarm.
    var connectionCount: UInt64 = 0
    /// The number of peers that may download from us now.
    var unchokedCount = 0
    /// Peers that become interested before this time wait for the next tick: there has just been no free slot.
    var mayFillAt = Instant.zero
    var nextChokeRoundAt: Instant
    var nextTurnoverAt: Instant
    var nextStandingAt: Instant
    var dialing: Set<PeerEndpoint> = []
    var openings = OpeningConnections()
    /// Peers that `settle` examines: there may be something to request from them.
    var unsettled: Set<PeerSlot> = []
    /// `settle` examines every peer: it is a tick, or a piece became free.
    var isAllUnsettled = false
    /// Peers that could take more requests than there were: examined when blocks become free.
    var hungry: Set<PeerSlot> = []
    /// A peer does not read what it is sent.
    var isAnyOverfull = false
    /// Jobs on the blocking pool for peers' hash requests.
    var hashJobCount = 0
    /// The number of hungry peers examined since the last tick.
    var feedCount = 0
    /// The number of times that free upload slots were assigned since the last tick.
    var fillCount = 0
    /// The peer that comes first when a job becomes possible, or all pieces are recounted.
    var turn = 0
    var hasStarted = false
    var requestScratch: [BlockRequest] = []
    var cancelScratch: [PeerSlot] = []
    private var settleScratch: [PeerSlot] = []
    var addressVotes = AddressVotes()
    var extensions = ExtensionTable()
    /// Pieces that the content has created and that are not on disk yet, with their byte counts.
    var making: [PieceIndex: Int] = [:]
    let extensionSeed: UInt64

    /// Creates a swarm without peers. `seed` determines all random choices.
    package init(
        identity: Identity,
        limits: SwarmLimits,
        network: NetworkPolicy = NetworkPolicy(),
        seed: UInt64,
        at now: Instant
    ) {
        self.identity = identity
        self.limits = limits
        peers = PeerTable(work: work)
        random = SeededRandom(seed: seed)
        var listLimits = PeerListLimits()
        listLimits.endpointCount = limits.knownEndpoints
        list = PeerList(limits: listLimits, blocked: network.blocked, seed: random.next(), work: work)
        choker = Choker(slots: limits.uploadSlots.map(UploadSlots.fixed) ?? .automatic)
        download = RateMeter(at: now)
        upload = RateMeter(at: now)
        nextChokeRoundAt = now + SwarmTiming.chokeRound
        nextTurnoverAt = now + SwarmTiming.turnover
        nextStandingAt = now + SwarmTiming.standing
        metadata = MetadataDownload(limitBytes: limits.metadataBytes, seed: ~seed, work: work)
        extensionSeed = seed &* 0x9e37_79b9_7f4a_7c15
        if network.usesPeerExchange { add(PeerExchangeExtension.self, receiving: .peerExchange, at: now) }
        if network.punchesHoles { add(HolePunchExtension.self, receiving: .holePunching, at: now) }
    }

    private mutating func add(_ type: (some PeerExtension).Type, receiving id: OwnExtension, at now: Instant) {
        let facts = SwarmFacts(hashes: identity.hashes, isPrivate: nil)
        let host = ExtensionKind(type).makeHost(facts, SeededRandom(seed: extensionSeed), work, now)
        extensions.add(host, receiving: id.rawValue)
    }

    /// Whether the content has ended and all wanted pieces are stored.
    package var isFinished: Bool { content?.isFinished ?? false }

    /// Whether all wanted pieces that exist now are stored. Growing content may be caught up many times.
    package var isCaughtUp: Bool { content?.isCaughtUp ?? false }

    /// Whether all pieces are stored.
    package var isSeed: Bool { content?.isWhole ?? false }

    /// Starts: from now on peers are dialled and served.
    package mutating func handleStarted(in batch: inout SwarmBatch) {
        hasStarted = true
        dialMore(in: &batch)
    }

    /// Stops: all peers are disconnected, and none is dialled until `handleStarted`.
    package mutating func handleStopped(in batch: inout SwarmBatch) {
        hasStarted = false
        for slot in peers.occupied { disconnect(slot, .stopped, in: &batch) }
        dialing.removeAll()
        openings.removeAll()
    }

    /// Assigns what the events of this batch have made possible. Must be called once after them, before the effects are
    /// executed.
    package mutating func settle(in batch: inout SwarmBatch) {
        if isAllUnsettled {
            for slot in peers.occupied { refill(slot, in: &batch) }
        } else {
            // In the order of slots, not of the set, which differs from run to run.
            settleScratch.append(contentsOf: unsettled)
            settleScratch.sort()
            work.add(settleScratch.count)
            for slot in settleScratch { refill(slot, in: &batch) }
            settleScratch.removeAll(keepingCapacity: true)
        }
        isAllUnsettled = false
        unsettled.removeAll(keepingCapacity: true)
        disconnectOverfull(in: &batch)
        peers.releaseRetired()
    }
}
