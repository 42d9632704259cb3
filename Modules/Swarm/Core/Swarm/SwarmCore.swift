// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// The protocol of one torrent, with no socket, disk or clock: it is told what happened and answers what to do.
///
/// Owner: one driver (NIO in production, the virtual network in tests), on one thread. Grammar: `handle…` takes an
/// event; `settle` is called once after each batch of them and hands out new requests; then the driver carries out the
/// effects in order. A peer is named by its slot, from `handleConnected` to `handleClosed` or `.disconnect`.
///
///     metadata unknown ── metadataComplete, handleContent ──▶ downloading ── completed ──▶ seeding
///
/// Invariant: `have` only ever names pieces that the driver has reported as stored.
package struct SwarmCore: ~Copyable {
    /// What never changes for a torrent.
    package struct Identity: Sendable {
        package var hashes: InfoHashes
        package var peerID: PeerID
        /// Where we take connections, for extended handshakes; 0: nowhere.
        package var listenPort: UInt16
        /// Such as `Ruche 0.1`.
        package var clientName: String

        package init(hashes: InfoHashes, peerID: PeerID, listenPort: UInt16, clientName: String) {
            self.hashes = hashes
            self.peerID = peerID
            self.listenPort = listenPort
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
    /// Bytes that came and were of no use: duplicates, and pieces that did not verify.
    package internal(set) var wastedByteCount = 0
    /// Steps taken so far by everything in here whose cost depends on how much there is.
    package let work = WorkMeter()

    var random: SeededRandom
    var metadata: MetadataDownload?
    var metadataBytes: [UInt8] = []
    var choker: Choker
    var readers = ContentReaders()
    /// Addresses that gave up their place at a full seed for others. They come again only while there is room: otherwise
    /// the address that dials most often would have all the turns.
    var served = RecentAddresses(for: SwarmTiming.servedRest)
    /// Addresses of peers that were asked for blocks and sent none: a new connection from there is not counted on before
    /// its first block.
    var silent = RecentAddresses(for: SwarmTiming.silentMemory)
    /// Connections so far, web seeds included: each has a number of its own for as long as the swarm lives.
    var connectionCount: UInt64 = 0
    /// Peers that may download from us now.
    var unchokedCount = 0
    /// Who becomes interested before this waits for the next tick: a moment ago there was nothing to be had.
    var mayFillAt = Instant.zero
    var nextChokeRoundAt: Instant
    var nextTurnoverAt: Instant
    var nextStandingAt: Instant
    var dialing: Set<PeerEndpoint> = []
    /// Peers to be looked at by `settle`: there may be something to ask of them.
    var unsettled: Set<PeerSlot> = []
    /// `settle` looks at every peer: it is a tick, or a piece became free.
    var isAllUnsettled = false
    /// Those who could take more than there was to ask for: looked at when blocks become free.
    var hungry: Set<PeerSlot> = []
    /// A peer does not take from its socket what it is sent.
    var isAnyOverfull = false
    /// Jobs on the blocking pool for peers' hash requests.
    var hashJobCount = 0
    /// Hungry peers that were looked at since the last tick.
    var feedCount = 0
    /// Times that free upload slots were given away since the last tick.
    var fillCount = 0
    /// Who is first when a job becomes possible, or all pieces are counted anew.
    var turn = 0
    var hasStarted = false
    var requestScratch: [BlockRequest] = []
    var cancelScratch: [PeerSlot] = []
    private var settleScratch: [PeerSlot] = []
    var addressVotes = AddressVotes()
    var extensions = ExtensionTable()
    /// Pieces that the content has made and that are not on disk yet, with their bytes.
    var making: [PieceIndex: Int] = [:]
    let extensionSeed: UInt64

    /// A swarm that nobody has joined. `seed` decides all random choices.
    package init(identity: Identity, limits: SwarmLimits, seed: UInt64, at now: Instant) {
        self.identity = identity
        self.limits = limits
        peers = PeerTable(work: work)
        random = SeededRandom(seed: seed)
        var listLimits = PeerListLimits()
        listLimits.endpointCount = limits.knownEndpoints
        list = PeerList(limits: listLimits, seed: random.next(), work: work)
        choker = Choker(slots: limits.uploadSlots.map(UploadSlots.fixed) ?? .automatic)
        download = RateMeter(at: now)
        upload = RateMeter(at: now)
        nextChokeRoundAt = now + SwarmTiming.chokeRound
        nextTurnoverAt = now + SwarmTiming.turnover
        nextStandingAt = now + SwarmTiming.standing
        metadata = MetadataDownload(limitBytes: limits.metadataBytes, seed: ~seed, work: work)
        extensionSeed = seed &* 0x9e37_79b9_7f4a_7c15
        let facts = SwarmFacts(hashes: identity.hashes, isPrivate: nil)
        let exchange = ExtensionKind(PeerExchangeExtension.self)
        let host = exchange.makeHost(facts, SeededRandom(seed: extensionSeed), work, now)
        extensions.add(host, receiving: OwnExtension.peerExchange.rawValue)
    }

    /// Whether all that is wanted is here, and nothing more will come.
    package var isFinished: Bool { content?.isFinished ?? false }

    /// Whether all that is wanted of what there is now is here. Content that grows may be caught up many times.
    package var isCaughtUp: Bool { content?.isCaughtUp ?? false }

    /// Whether everything is here.
    package var isSeed: Bool { content?.isWhole ?? false }

    /// From now on peers are looked for and served. Before, nothing is dialled.
    package mutating func handleStarted(in batch: inout SwarmBatch) {
        hasStarted = true
        dialMore(in: &batch)
    }

    /// Everybody is sent away, and nobody is looked for until `handleStarted`.
    package mutating func handleStopped(in batch: inout SwarmBatch) {
        hasStarted = false
        for slot in peers.occupied { disconnect(slot, .stopped, in: &batch) }
        dialing.removeAll()
    }

    /// Hands out what the events of this batch have made possible: call it once after them, before the effects are
    /// carried out.
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
