// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheCrypto
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
public import RucheWire
public import ServiceLifecycle
internal import Synchronization

/// Many torrents on one port, one pool of threads and one set of limits.
///
/// Swarms are distributed over event loops, one loop per swarm for life. As a `Service` it runs until its group shuts
/// down; then it notifies the trackers, flushes stored data and closes the resume state.
///
/// With a state folder it remembers its torrents: they are back when it starts again. A seed in such a session becomes
/// dormant while no peer needs it: nothing of it is open, and only a record is kept in memory.
public final class Session: Service, Sendable {
    /// The configuration that it was created with.
    public let configuration: SessionConfiguration
    /// Where it accepts connections; empty if it accepts none.
    public let endpoints: [PeerEndpoint]

    let environment: SwarmEnvironment
    let trackers: TrackerClient
    let peerID: PeerID
    let metrics = SessionMetrics()
    let logger: Logger
    /// Nil without a state folder.
    let catalogue: SessionCatalogue?
    let dormantAnnouncer: DormantAnnouncer
    let dormantSources = DormantSources()
    let openings: OpeningQueue
    let recovery: RecoveryQueue
    let checkpoint = PendingFlag()
    /// Torrents that are more than a record.
    let awakeCount = Atomic<Int>(0)
    private let numbers = Atomic<Int>(0)
    let sockets: SessionSockets
    let reach: SessionReach
    /// The sources that every torrent joins: those of the app, and our own.
    let sources: [any PeerSource]
    let lookup: TorrentLookupTable
    let registry: Mutex<TorrentRegistry>
    /// What it shares besides torrents.
    let contents = Mutex(ContentTable())
    let extensions = Mutex(SessionExtensions())
    let ending = Mutex<Task<Void, Never>?>(nil)
    let feed = EventFeed<SessionEvent>()

    /// Binds the port, starts the threads, and restores the torrents in the state folder.
    ///
    /// - Throws: `TransportError` if the port or address is in use, `StorageError` if the state folder cannot be used.
    public init(_ configuration: SessionConfiguration) async throws {
        self.configuration = configuration
        logger = configuration.logger
        let plan = DescriptorPlan(configuration)
        var transportLimits = configuration.transportLimits
        transportLimits.pendingIncoming = plan.strangers
        transportLimits.halfOpenDials = plan.dials
        transportLimits.connections = plan.connections
        let runtime = TransportRuntime(
            loopCount: configuration.loopCount,
            blockingThreadCount: configuration.blockingThreadCount,
            limits: transportLimits
        )
        let link = SessionLink()
        let lookup = TorrentLookupTable()
        self.lookup = lookup
        let opened: SessionCatalogue.Opened?
        do {
            opened = try await Self.openCatalogue(configuration, runtime)
            let listener = configuration.listeningPort.map { _ in
                let options = PeerListener.Options(policy: configuration.channels, blocked: configuration.blocked) {
                    lookup.infoHash(forLookupKey: $0)
                }
                let refusals = OffenderLog(logger: configuration.logger)
                return PeerListener(options, runtime: runtime) {
                    link.session?.handleIncoming($0) ?? $0.reject()
                } onRefusal: {
                    refusals.note($0.remote, $0.reason.rawValue)
                }
            }
            sockets = try await SessionSockets(configuration, runtime, letIn: listener)
        } catch {
            await runtime.shutdown()
            throw error
        }
        catalogue = opened?.catalogue
        endpoints = sockets.endpoints
        let dialer = PeerDialer(
            over: sockets.transports,
            policy: configuration.channels,
            blocked: configuration.blocked,
            runtime: runtime
        )
        environment = SwarmEnvironment(runtime: runtime, dialer: dialer, configuration: configuration, plan: plan)
        var random = SecureRandom()
        peerID = PeerID(prefix: configuration.peerIDPrefix, using: &random)
        trackers = TrackerClient(
            binding: configuration.binding,
            datagrams: sockets.datagrams,
            runtime: runtime,
            logger: logger
        )
        dormantAnnouncer = DormantAnnouncer(client: trackers) {
            link.session?.announceSubject(ofTorrent: $0)
        } onPeers: {
            link.session?.handleFound($1, ofTorrent: $0)
        }
        reach = await SessionReach(configuration, sockets, runtime)
        sources = configuration.sources + reach.sources
        openings = OpeningQueue(limit: configuration.limits.openings)
        recovery = RecoveryQueue { link.session?.tryAgain($0) }
        registry = Mutex(TorrentRegistry(limits: configuration.limits))
        link.session = self
        if let opened { restore(opened) }
    }

    /// The port on which peers reach us; 0 if there is none.
    public var port: UInt16 { endpoints.first?.port ?? 0 }

    /// All torrents in the session, in the order in which they were added.
    public var torrents: [Torrent] { registry.withLock { $0.ordered } }

    /// Returns the torrent with one of these info-hashes; nil if the session has none.
    public func torrent(for hashes: InfoHashes) -> Torrent? {
        registry.withLock { registry in
            for hash in hashes.wireHashes { if let torrent = registry.torrent(named: hash) { return torrent } }
            return nil
        }
    }

    /// Returns the events from now on. A reader that does not keep up misses the oldest.
    public var events: AsyncStream<SessionEvent> { feed.subscribe() }

    // MARK: - Torrents

    /// Adds a torrent by its metadata. Returns before the data on the disk has been checked: see `Torrent.status`.
    ///
    /// - Throws: `TorrentError`; `duplicate` if the session already has the torrent, which the error contains.
    @discardableResult
    public func add(_ metainfo: Metainfo, options: AddOptions = AddOptions()) async throws -> Torrent {
        try await add(TorrentOrigin(metainfo), options)
    }

    /// Adds a torrent by a magnet link: its metadata comes from peers.
    ///
    /// - Throws: `TorrentError`; `duplicate` if the session already has the torrent.
    @discardableResult
    public func add(_ magnet: MagnetLink, options: AddOptions = AddOptions()) async throws -> Torrent {
        try await add(TorrentOrigin(magnet), options)
    }

    /// Adds a torrent by the text of a magnet link.
    ///
    /// - Throws: `MagnetError` if the text is not a magnet link; `TorrentError`, as above.
    @discardableResult
    public func add(magnet: String, options: AddOptions = AddOptions()) async throws -> Torrent {
        try await add(MagnetLink(parsing: magnet), options: options)
    }

    /// Removes a torrent from the session, and deletes its files if requested.
    ///
    /// - Throws: `TorrentError` if files could not be deleted; the torrent is removed from the session even then.
    public func remove(_ torrent: Torrent, deletingData: Bool = false) async throws {
        var failure: (any Error)?
        // Only the part that has opened the files can delete them.
        if deletingData, isHere(torrent) { try? await torrent.withLifecycle { await $0.waitUntilOpened() } }
        guard let changed = take(torrent) else { return }
        if let life = await torrent.end(TorrentError(.removed, "the torrent was removed from its session")) {
            awakeCount.wrappingSubtract(1, ordering: .relaxed)
            do { try await life.remove(deletingData: deletingData) } catch { failure = TorrentError(error) }
        }
        announceNoMore(torrent.number)
        await forget(torrent)
        torrent.finishFeed()
        // It is no longer in the session, whatever is left on the disk.
        feed.send(.removed(torrent))
        await refreshTurns(changed)
        if let failure { throw failure }
    }

    private func add(_ origin: TorrentOrigin, _ options: AddOptions) async throws -> Torrent {
        let entry = CatalogueEntry(origin, options)
        let isRemembered = catalogue != nil && options.canBeRemembered
        var kept = options
        // The entry lists all trackers; the metainfo is read from the saved copy.
        if isRemembered { kept.trackers = [] }
        let beginning = TorrentBeginning(isRemembered ? TorrentOrigin(entry) : origin, kept)
        let torrent = Torrent(entry, beginning: beginning, session: self, number: nextNumber())
        let changed = try insert(torrent, as: options.isPaused ? .idle : .wantsToDownload)
        if isRemembered {
            do { try await rememberNew(torrent, origin.metainfo) } catch {
                _ = take(torrent)
                throw error
            }
        }
        feed.send(.added(torrent))
        if isRemembered { openings.enqueue(torrent) } else { try await torrent.withLifecycle { _ in } }
        await refreshTurns(changed)
        return torrent
    }

    func nextNumber() -> Int { numbers.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Makes a torrent findable, also for incoming peers. Returns the torrents whose turn may have changed.
    @discardableResult
    func insert(_ torrent: Torrent, as activity: TorrentRegistry.Activity) throws(TorrentError) -> [Torrent] {
        let changed = try registry.withLock { registry throws(TorrentError) in
            try registry.insert(torrent, as: activity)
        }
        for hash in torrent.hashes.wireHashes { lookup.insert(hash) }
        return changed
    }

    /// Makes a torrent unfindable. Returns the torrents whose turn may have changed; nil if it was not in the session.
    private func take(_ torrent: Torrent) -> [Torrent]? {
        guard let changed = registry.withLock({ $0.remove(torrent) }) else { return nil }
        for hash in torrent.hashes.wireHashes { lookup.remove(hash) }
        return changed
    }

    private func isHere(_ torrent: Torrent) -> Bool { self.torrent(numbered: torrent.number) === torrent }

    func torrent(numbered number: Int) -> Torrent? { registry.withLock { $0.torrent(numbered: number) } }

    /// Handles a torrent that could not be opened and is due again.
    private func tryAgain(_ number: Int) {
        if let torrent = torrent(numbered: number) { openings.enqueue(torrent) }
    }

    // MARK: - Queue

    /// Returns whether a torrent may run: as many as the limits allow may, in the order in which they were added.
    func hasTurn(_ torrent: Torrent) -> Bool { registry.withLock { $0.hasTurn(torrent) } }

    private func refreshTurns(_ torrents: [Torrent]) async {
        for torrent in torrents { await torrent.refreshTurn() }
    }

    /// Handles a torrent's new state.
    func handleChange(of torrent: Torrent, to state: TorrentState) {
        let changed = registry.withLock { $0.note(state, of: torrent) }
        feed.send(.changed(torrent, state))
        if !changed.isEmpty { Task { await refreshTurns(changed) } }
    }

    // MARK: - The end

    /// A session that is released ends as if it were shut down: its torrents say so, and its threads, files and locks
    /// are released.
    deinit {
        let isEnding = ending.withLock { $0 != nil }
        guard !isEnding else { return }
        let rest = beginEnding()
        Task { await rest.run() }
    }

    func handleIncoming(_ incoming: IncomingPeer) {
        let torrent = registry.withLock { $0.torrent(named: incoming.infoHash) }
        if let torrent { return torrent.adopt(incoming) }
        guard let content = contents.withLock({ $0[incoming.infoHash] }) else { return incoming.reject() }
        content.adopt(incoming)
    }
}
