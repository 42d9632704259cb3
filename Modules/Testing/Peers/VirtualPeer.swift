// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
public import RucheStorage
public import RucheSwarm
public import RucheWire

/// A peer of one torrent on a virtual network: the production swarm core, driven by virtual streams and virtual time.
///
/// Its swarm owns it, on one thread. Like a disk, its store survives `crash` and `restart`.
public final class VirtualPeer {
    /// A name for messages, unique in the swarm.
    public let name: String
    /// The host that the peer runs on.
    public let host: VirtualHost
    /// What the peer had at first.
    public let role: PeerRole
    /// How the peer behaves.
    public let conduct: Conduct
    /// The store of its pieces.
    public let store: any PieceStore

    /// The order in which the peer downloads pieces, from its next start on.
    public var order = FetchOrder.rarestFirst
    /// Whom the peer lets download, from its next start on.
    public var unchoking = UnchokePolicies()

    /// Whether the peer is running.
    public private(set) var isRunning = false
    /// When the peer was first complete; nil if it has not been.
    public internal(set) var completedAt: Instant?
    /// The pieces verified and stored in all of its lives.
    public internal(set) var stored: Bitfield
    /// The addresses that it has banned since its last start.
    public internal(set) var banned: Set<IPAddress> = []
    /// The addresses whose false blocks have spoilt a piece since its last start.
    public internal(set) var poisonedBy: Set<IPAddress> = []
    /// The misbehaviour of other peers since its last start, by kind and count.
    public internal(set) var misbehaviours: [String: Int] = [:]
    /// The misbehaviour of each address since its last start, by kind and count.
    public internal(set) var offences: [IPAddress: [String: Int]] = [:]
    /// The last error of its store.
    public internal(set) var storageError: StorageError?
    /// The number of connections that it gave up, by reason.
    public internal(set) var disconnects: [String: Int] = [:]

    /// How often its content has broken the rules of shapes.
    public internal(set) var refusedShapeCount = 0

    /// Whether all of its connections are over uTP.
    public let usesUTP: Bool

    let torrent: VirtualTorrent
    let tracker: VirtualTracker
    let limits: SwarmLimits
    let port: UInt16
    var network: VirtualNetwork { host.network }
    var random: SeededRandom
    var core: SwarmCore
    private var batch = SwarmBatch(at: .zero)
    var sockets: [PeerSocket] = []
    var socketsBySlot: [PeerSlot: PeerSocket] = [:]
    var assembly: PieceAssembly?
    var verifier: (any PieceVerifier)?
    /// The metadata and layers that the peer has; one that joined by magnet link has none at first.
    var knownInfo: TorrentInfo?
    var knownLayers: [SHA256Digest: [SHA256Digest]] = [:]
    /// What it shares, if that is no torrent, as it was when the peer was last started or stopped.
    var contentSeed: ContentSeed?
    /// The bytes of blocks in all earlier lives.
    private var earlier = (uploaded: 0, downloaded: 0, wasted: 0)
    private var isDraining = false
    private var dirty: [PeerSocket] = []
    var player: VirtualPlayer?
    /// Its extensions, and the receivers of their reports.
    var extensionKinds: [ExtensionKind] = []
    var extensionReaders: [ExtensionName: (any Sendable) -> Void] = [:]
    /// Incremented by each start and end: callbacks of an earlier life are ignored.
    var life = 0

    init(
        name: String,
        host: VirtualHost,
        port: UInt16,
        torrent: VirtualTorrent,
        role: PeerRole,
        conduct: Conduct,
        tracker: VirtualTracker,
        limits: SwarmLimits,
        usesUTP: Bool,
        store: (any PieceStore)?
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.torrent = torrent
        self.role = role
        self.conduct = conduct
        self.tracker = tracker
        self.limits = limits
        self.usesUTP = usesUTP
        self.store = store ?? MemoryStore(torrent.info.geometry)
        random = host.network.makeRandom()
        stored = Bitfield(count: torrent.info.geometry.pieceCount)
        let hashes = if case .magnet(let hashes) = role { hashes } else { torrent.info.hashes }
        core = Self.makeCore(hashes, limits, port, usesUTP, &random, at: host.network.now)
        if case .magnet = role { return }
        knownInfo = torrent.info
        knownLayers = torrent.metainfo.pieceLayers
        if role == .seed || role == .superSeed { fillStore() }
    }

    /// A peer that shares content which is no torrent.
    init(
        name: String,
        host: VirtualHost,
        port: UInt16,
        content seed: ContentSeed,
        beside torrent: VirtualTorrent,
        tracker: VirtualTracker,
        limits: SwarmLimits,
        store: any PieceStore
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.torrent = torrent
        role = .leecher
        conduct = .honest
        self.tracker = tracker
        self.limits = limits
        usesUTP = false
        self.store = store
        random = host.network.makeRandom()
        stored = Bitfield(count: 0)
        core = Self.makeCore(seed.hashes, limits, port, usesUTP, &random, at: host.network.now)
        contentSeed = seed
    }

    // MARK: - State

    /// The endpoint at which the peer accepts connections.
    public var endpoint: PeerEndpoint { PeerEndpoint(address: host.address, port: port) }
    /// Whether all pieces are stored.
    public var isComplete: Bool { stored.isComplete }
    /// Whether the peer follows the protocol.
    public var isHonest: Bool { conduct == .honest }
    /// The bytes of blocks that the peer has sent.
    public var uploadedByteCount: Int { earlier.uploaded + core.upload.meter.totalByteCount }
    /// The bytes of blocks that the peer has received.
    public var downloadedByteCount: Int { earlier.downloaded + core.download.meter.totalByteCount }
    /// The bytes of received blocks that were redundant.
    public var wastedByteCount: Int { earlier.wasted + core.download.wastedByteCount }
    /// The number of connected peers.
    public var connectedCount: Int { core.peers.count }
    /// The endpoints of connected peers.
    public var connectedEndpoints: [PeerEndpoint] { core.peers.occupied.compactMap { core.peers[$0]?.endpoint } }
    /// The pieces counted as stored whose data in the store is wrong.
    public var wrongPieces: [PieceIndex] { torrent.wrongPieces(in: store, of: stored) }

    // MARK: - Life

    /// Starts listening and looking for peers.
    public func start() {
        guard !isRunning else { return }
        isRunning = true
        life += 1
        banned = []
        poisonedBy = []
        misbehaviours = [:]
        offences = [:]
        host.listen(on: port) { [weak self] stream in self?.accept(stream) }
        if let knownInfo { open(knownInfo) }
        if let contentSeed { open(contentSeed) }
        tell { $0.handleStarted(in: &$1) }
        drain()
        let phase = Interval(nanoseconds: .random(in: 0..<SwarmTiming.tick.nanoseconds, using: &random))
        scheduleTick(after: phase, life: life)
        announce(life: life)
    }

    /// Closes all connections and leaves the tracker. The peer may be started again.
    public func stop() {
        guard isRunning else { return }
        tell { $0.handleStopped(in: &$1) }
        drain()
        for socket in sockets { socket.close() }
        host.listeners[port] = nil
        tracker.handleLeft(self)
        end()
    }

    /// Crashes without a message to anyone. The store survives until `restart`.
    public func crash() {
        guard isRunning else { return }
        host.crash()
        end()
    }

    /// Starts again with the pieces in the store.
    public func restart() {
        host.restart()
        start()
    }

    private func end() {
        isRunning = false
        life += 1
        earlier.uploaded += core.upload.meter.totalByteCount
        earlier.downloaded += core.download.meter.totalByteCount
        earlier.wasted += core.download.wastedByteCount
        if contentSeed != nil { contentSeed = core.contentSeed }
        let hashes = core.identity.hashes
        core = Self.makeCore(hashes, limits, port, usesUTP, &random, at: network.now)
        batch.removeAll()
        for kind in extensionKinds { tell { $0.attach(kind, in: &$1) } }
        sockets = []
        socketsBySlot = [:]
        dirty = []
        assembly = nil
    }

    private static func makeCore(
        _ hashes: InfoHashes,
        _ limits: SwarmLimits,
        _ port: UInt16,
        _ usesUTP: Bool,
        _ random: inout SeededRandom,
        at now: Instant
    ) -> SwarmCore {
        let identity = SwarmCore.Identity(
            hashes: hashes,
            peerID: PeerID(prefix: "-RU0100-", using: &random),
            listenPort: port,
            clientName: "Ruche virtual"
        )
        var network = NetworkPolicy()
        network.punchesHoles = usesUTP
        return SwarmCore(identity: identity, limits: limits, network: network, seed: random.next(), at: now)
    }

    private func scheduleTick(after delay: Interval, life: Int) {
        network.schedule(after: delay) { [weak self] in
            guard let self, self.life == life else { return }
            tell { $0.handleTick(in: &$1) }
            drain()
            scheduleTick(after: SwarmTiming.tick, life: life)
        }
    }

    private func announce(life: Int) {
        tracker.announce(self) { [weak self] endpoints in
            guard let self, self.life == life else { return }
            tell { $0.handleFound(endpoints, from: .tracker, in: &$1) }
            drain()
        }
        network.schedule(after: tracker.interval) { [weak self] in
            guard let self, self.life == life else { return }
            announce(life: life)
        }
    }

    /// Handles endpoints that the user has named.
    func handleFound(_ endpoints: [PeerEndpoint]) {
        tell { $0.handleFound(endpoints, from: .manual, in: &$1) }
        drain()
    }

    // MARK: - Draining

    /// Tells the core of an event. The next `drain` performs what it asks for.
    func tell<Answer>(_ event: (inout SwarmCore, inout SwarmBatch) -> Answer) -> Answer {
        batch.now = network.now
        return event(&core, &batch)
    }

    /// Performs the core's effects, then sends the messages written.
    func drain() {
        guard !isDraining else { return }
        isDraining = true
        repeat {
            tell { $0.settle(in: &$1) }
            var index = 0
            while index < batch.effects.count {
                perform(batch.effects[index])
                index += 1
            }
            batch.removeAll()
            let written = dirty
            dirty.removeAll(keepingCapacity: true)
            for socket in written { socket.flush() }
        } while !batch.effects.isEmpty
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
        case .dial(let endpoint), .dialOver(_, let endpoint): dial(endpoint)
        case .readLeaves(let slot, let request, let piece): readLeaves(of: piece, for: request, to: slot)
        case .makeTree(let root, let layer, let height): makeTree(of: root, layer, at: height)
        case .metadataComplete(let bytes): handleMetadata(bytes)
        case .judgeMetadata(let candidate, let parts): judgeMetadata(parts, of: candidate)
        case .pieceLayersComplete(let layers): handleLayers(layers)
        case .reading(let id, let news): handleReading(id, news)
        case .extensionReport(let name, let report): extensionReaders[name]?(report)
        case .completed: if isComplete { completedAt = completedAt ?? network.now }
        case .snubbed: misbehaviours["snubbed", default: 0] += 1
        case .store(let piece, let bytes): judge(piece, bytes)
        case .reshaped(let shape, let verifier): reshape(shape, verifier)
        case .shapeRefused: refusedShapeCount += 1
        case .contradiction, .webSeedWrong, .standing, .giveUp, .dribbled, .dhtNode: break
        case .misbehaved(let endpoint, let misbehaviour):
            misbehaviours[misbehaviour.rawValue, default: 0] += 1
            offences[endpoint.address, default: [:]][misbehaviour.rawValue, default: 0] += 1
        case .banned(let address): banned.insert(address)
        }
    }

    private func send(_ message: PeerMessage, to slot: PeerSlot) {
        guard let socket = socketsBySlot[slot], !conduct.withholds(message) else {
            return handleTaken(message.byteCount, by: slot)
        }
        socket.enqueue(message)
        markDirty(socket)
    }
}
