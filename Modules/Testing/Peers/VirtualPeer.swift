// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
public import RucheStorage
internal import RucheSwarm
public import RucheWire

/// A peer of one torrent on a virtual network: the swarm core of production, driven by virtual streams and virtual time.
///
/// Owner: its swarm, on one thread. What it stores it keeps over `crash` and `restart`, as a disk would.
public final class VirtualPeer {
    /// For messages; unique in a swarm.
    public let name: String
    /// The machine that it runs on.
    public let host: VirtualHost
    /// What it started with.
    public let role: PeerRole
    /// How it behaves.
    public let conduct: Conduct
    /// Where its pieces are kept.
    public let store: any PieceStore

    /// Whether it is running.
    public private(set) var isRunning = false
    /// When it had everything for the first time; nil: not yet.
    public internal(set) var completedAt: Instant?
    /// Verified and stored, over all of its lives.
    public internal(set) var stored: Bitfield
    /// Addresses refused since it was started.
    public internal(set) var banned: Set<IPAddress> = []
    /// Whose false blocks have spoilt a piece since it was started.
    public internal(set) var poisonedBy: Set<IPAddress> = []
    /// What others did wrong since it was started, and how often.
    public internal(set) var misbehaviours: [String: Int] = [:]
    /// The error that its store met; it stops then.
    public internal(set) var storageError: StorageError?
    /// How often connections were given up, by reason.
    public internal(set) var disconnects: [String: Int] = [:]

    let torrent: VirtualTorrent
    let tracker: VirtualTracker
    let limits: SwarmLimits
    let port: UInt16 = 6881
    var network: VirtualNetwork { host.network }
    var random: SeededRandom
    var core: SwarmCore
    var effects: [SwarmEffect] = []
    var sockets: [PeerSocket] = []
    var socketsBySlot: [PeerSlot: PeerSocket] = [:]
    var assembly: PieceAssembly?
    var verifier: (any PieceDigestVerifier)?
    /// Metadata and layers, as far as a peer that came by a magnet has them.
    var knownInfo: TorrentInfo?
    var knownLayers: [SHA256Digest: [SHA256Digest]] = [:]
    /// Bytes of blocks in all earlier lives.
    private var earlier = (uploaded: 0, downloaded: 0, wasted: 0)
    private var isDraining = false
    private var dirty: [PeerSocket] = []
    /// Goes up with each start: what an earlier life has scheduled means nothing.
    var life = 0

    init(
        name: String,
        host: VirtualHost,
        torrent: VirtualTorrent,
        role: PeerRole,
        conduct: Conduct,
        tracker: VirtualTracker,
        limits: SwarmLimits,
        store: (any PieceStore)?
    ) {
        self.name = name
        self.host = host
        self.torrent = torrent
        self.role = role
        self.conduct = conduct
        self.tracker = tracker
        self.limits = limits
        self.store = store ?? MemoryStore(torrent.info.geometry)
        random = host.network.makeRandom()
        stored = Bitfield(count: torrent.info.geometry.pieceCount)
        let hashes = if case .magnet(let hashes) = role { hashes } else { torrent.info.hashes }
        core = Self.makeCore(hashes, limits, port, &random, at: host.network.now)
        if case .magnet = role { return }
        knownInfo = torrent.info
        knownLayers = torrent.metainfo.pieceLayers
        if role == .seed || role == .superSeed { fillStore() }
    }

    // MARK: - What it has come to

    /// Where it takes connections.
    public var endpoint: PeerEndpoint { PeerEndpoint(address: host.address, port: port) }
    /// Whether everything is stored.
    public var isComplete: Bool { stored.isComplete }
    /// Whether it means well.
    public var isHonest: Bool { conduct == .honest }
    /// Bytes of blocks that it has sent.
    public var uploadedByteCount: Int { earlier.uploaded + core.upload.totalByteCount }
    /// Bytes of blocks that it has received.
    public var downloadedByteCount: Int { earlier.downloaded + core.download.totalByteCount }
    /// Bytes of blocks that came and were of no use.
    public var wastedByteCount: Int { earlier.wasted + core.wastedByteCount }
    /// Peers connected.
    public var connectedCount: Int { core.peers.count }
    /// Endpoints that it knows.
    public var knownEndpointCount: Int { core.list.count }
    /// The other ends of its connections.
    public var connectedEndpoints: [PeerEndpoint] { core.peers.occupied.compactMap { core.peers[$0]?.endpoint } }
    /// Pieces that it says it has and that are not right in its store.
    public var wrongPieces: [PieceIndex] { torrent.wrongPieces(in: store, of: stored) }

    // MARK: - Life

    /// Begins to look for others, and to listen.
    public func start() {
        guard !isRunning else { return }
        isRunning = true
        life += 1
        banned = []
        poisonedBy = []
        misbehaviours = [:]
        host.listen(on: port) { [weak self] stream in self?.accept(stream) }
        if let knownInfo { open(knownInfo) }
        core.handleStarted(at: network.now, into: &effects)
        drain()
        let phase = Interval(nanoseconds: .random(in: 0..<SwarmTiming.tick.nanoseconds, using: &random))
        scheduleTick(after: phase, life: life)
        announce(life: life)
    }

    /// Says good-bye to everybody; may be started again.
    public func stop() {
        guard isRunning else { return }
        core.handleStopped(into: &effects)
        drain()
        for socket in sockets { socket.close() }
        host.listeners[port] = nil
        tracker.handleLeft(self)
        end()
    }

    /// Dies without a word. What was stored is still there after `restart`.
    public func crash() {
        guard isRunning else { return }
        host.crash()
        end()
    }

    /// Starts again with what was stored.
    public func restart() {
        host.restart()
        start()
    }

    private func end() {
        isRunning = false
        life += 1
        earlier.uploaded += core.upload.totalByteCount
        earlier.downloaded += core.download.totalByteCount
        earlier.wasted += core.wastedByteCount
        let hashes = core.identity.hashes
        core = Self.makeCore(hashes, limits, port, &random, at: network.now)
        effects = []
        sockets = []
        socketsBySlot = [:]
        dirty = []
        assembly = nil
    }

    private static func makeCore(
        _ hashes: InfoHashes,
        _ limits: SwarmLimits,
        _ port: UInt16,
        _ random: inout SeededRandom,
        at now: Instant
    ) -> SwarmCore {
        let identity = SwarmCore.Identity(
            hashes: hashes,
            peerID: PeerID(prefix: "-RU0100-", using: &random),
            listenPort: port,
            clientName: "Ruche virtual"
        )
        return SwarmCore(identity: identity, limits: limits, seed: random.next(), at: now)
    }

    private func scheduleTick(after delay: Interval, life: Int) {
        network.schedule(after: delay) { [weak self] in
            guard let self, self.life == life else { return }
            core.handleTick(at: network.now, into: &effects)
            drain()
            scheduleTick(after: SwarmTiming.tick, life: life)
        }
    }

    private func announce(life: Int) {
        tracker.announce(self) { [weak self] endpoints in
            guard let self, self.life == life else { return }
            core.handleFound(endpoints, from: .tracker, at: network.now, into: &effects)
            drain()
        }
        network.schedule(after: tracker.interval) { [weak self] in
            guard let self, self.life == life else { return }
            announce(life: life)
        }
    }

    /// The user names endpoints.
    func handleFound(_ endpoints: [PeerEndpoint]) {
        core.handleFound(endpoints, from: .manual, at: network.now, into: &effects)
        drain()
    }

    // MARK: - Draining

    /// Carries out what the core has asked for, then sends what was written.
    func drain() {
        guard !isDraining else { return }
        isDraining = true
        repeat {
            core.settle(at: network.now, into: &effects)
            var index = 0
            while index < effects.count {
                perform(effects[index])
                index += 1
            }
            effects.removeAll(keepingCapacity: true)
            let written = dirty
            dirty.removeAll(keepingCapacity: true)
            for socket in written { socket.flush() }
        } while !effects.isEmpty
        isDraining = false
    }

    func markDirty(_ socket: PeerSocket) {
        guard !socket.isDirty else { return }
        socket.isDirty = true
        dirty.append(socket)
    }

    private func perform(_ effect: SwarmEffect) {
        switch effect {
        case .send(let slot, let message): send(message, to: slot)
        case .upload(let slot): if let socket = socketsBySlot[slot] { pumpUploads(socket) }
        case .judge(let piece, let wantsDigests): judge(piece, wantsDigests: wantsDigests)
        case .discard(let piece): assembly?.discard(piece)
        case .disconnect(let slot, let reason): disconnect(slot, reason)
        case .dial(let endpoint): dial(endpoint)
        case .readLeaves(let slot, let request, let piece): readLeaves(of: piece, for: request, to: slot)
        case .makeTree(let root, let layer, let height): makeTree(of: root, layer, at: height)
        case .metadataComplete(let bytes): handleMetadata(bytes)
        case .pieceLayersComplete(let layers): handleLayers(layers)
        case .completed: if isComplete { completedAt = completedAt ?? network.now }
        case .snubbed: misbehaviours["snubbed", default: 0] += 1
        case .contradiction: break
        case .misbehaved(_, let misbehaviour): misbehaviours[misbehaviour.rawValue, default: 0] += 1
        case .banned(let address): banned.insert(address)
        }
    }

    private func send(_ message: PeerMessage, to slot: PeerSlot) {
        let isWithheld = if conduct == .freeRider, case .unchoke = message { true } else { false }
        guard let socket = socketsBySlot[slot], !isWithheld else { return handleTaken(message.byteCount, by: slot) }
        socket.enqueue(message)
        markDirty(socket)
    }
}
