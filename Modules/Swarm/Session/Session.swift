// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheCrypto
internal import RucheTrackers
internal import RucheTransport
public import RucheWire
public import ServiceLifecycle
internal import Synchronization

/// Many torrents on one port, one pool of threads and one set of limits.
///
/// Swarms are spread over event loops, one loop a swarm for life. As a `Service` it runs until its group shuts down, and
/// then tells the trackers, flushes what is stored and closes the resume state.
public final class Session: Service, Sendable {
    /// As it was set up.
    public let configuration: SessionConfiguration
    /// Where it takes connections; empty where it takes none.
    public let endpoints: [PeerEndpoint]

    let environment: SwarmEnvironment
    let trackers: TrackerClient
    let peerID: PeerID
    let metrics = SessionMetrics()
    let logger: Logger
    private let runtime: TransportRuntime
    private let listener: PeerListener?
    private let lookup: TorrentLookupTable
    private let registry: Mutex<TorrentRegistry>
    private let ending = Mutex<Task<Void, Never>?>(nil)
    private let feed = EventFeed<SessionEvent>()

    /// Binds the port and starts the threads.
    public init(_ configuration: SessionConfiguration) async throws {
        self.configuration = configuration
        logger = configuration.logger
        let runtime = TransportRuntime(
            loopCount: configuration.loopCount,
            blockingThreadCount: configuration.blockingThreadCount,
            limits: configuration.transportLimits
        )
        let dialer = PeerDialer(
            .init(binding: configuration.binding, encryption: configuration.encryption),
            runtime: runtime
        )
        environment = SwarmEnvironment(runtime: runtime, dialer: dialer, configuration: configuration)
        self.runtime = runtime
        let doorway = Doorway()
        let lookup = TorrentLookupTable()
        self.lookup = lookup
        do {
            listener = try configuration.port.map { port in
                let options = PeerListener.Options(
                    binding: configuration.binding,
                    port: port,
                    encryption: configuration.encryption,
                    findTorrent: { lookup.infoHash(forLookupKey: $0) }
                )
                let refusals = OffenderLog(logger: configuration.logger)
                return try PeerListener(options, runtime: runtime) {
                    doorway.handle($0)
                } onRefusal: {
                    refusals.note($0.remote, $0.reason.rawValue)
                }
            }
        } catch {
            await runtime.shutdown()
            throw error
        }
        endpoints = listener?.endpoints ?? []
        var random = SecureRandom()
        peerID = PeerID(prefix: configuration.peerIDPrefix, using: &random)
        trackers = TrackerClient(binding: configuration.binding, runtime: runtime, logger: logger)
        registry = Mutex(TorrentRegistry(limits: configuration.limits))
        doorway.open { [weak self] incoming in self?.handleIncoming(incoming) ?? incoming.reject() }
    }

    /// The port that peers reach us at; 0 where none.
    public var port: UInt16 { listener?.port ?? 0 }

    /// Everything that is in the session, in the order in which it was added.
    public var torrents: [Torrent] { registry.withLock { $0.ordered } }

    /// What happens, from now on. A reader that does not keep up misses the oldest.
    public var events: AsyncStream<SessionEvent> { feed.subscribe() }

    // MARK: - Torrents

    /// Adds a torrent by its file. Returns before what is on the disk has been checked: see `Torrent.status`.
    @discardableResult
    public func add(_ metainfo: Metainfo, options: AddOptions = AddOptions()) async throws -> Torrent {
        try await add(TorrentOrigin(metainfo), options)
    }

    /// Adds a torrent by a magnet link: its metadata comes from peers.
    @discardableResult
    public func add(_ magnet: MagnetLink, options: AddOptions = AddOptions()) async throws -> Torrent {
        try await add(TorrentOrigin(magnet), options)
    }

    /// Adds a torrent by a magnet link in words.
    @discardableResult
    public func add(magnet: String, options: AddOptions = AddOptions()) async throws -> Torrent {
        try await add(MagnetLink(parsing: magnet), options: options)
    }

    /// Takes a torrent out of the session, and its files off the disk if wanted.
    public func remove(_ torrent: Torrent, deletingData: Bool = false) async throws {
        let isOurs = registry.withLock { $0.remove(torrent) }
        guard isOurs else { return }
        for hash in torrent.hashes.wireHashes { lookup.remove(hash) }
        var failure: (any Error)?
        do { try await torrent.lifecycle.remove(deletingData: deletingData) } catch { failure = error }
        // It is out of the session, whatever is left on the disk.
        feed.send(.removed(torrent))
        await rebalance()
        if let failure { throw failure }
    }

    private func add(_ origin: TorrentOrigin, _ options: AddOptions) async throws -> Torrent {
        let torrent = Torrent(origin, options: options, session: self, loop: runtime.nextLoop())
        try registry.withLock { registry throws(TorrentError) in
            try registry.insert(torrent, isPaused: options.isPaused)
        }
        for hash in torrent.hashes.wireHashes { lookup.insert(hash) }
        feed.send(.added(torrent))
        await torrent.lifecycle.open()
        await rebalance()
        return torrent
    }

    // MARK: - Queue

    /// Lets as many torrents run as the limits allow, in the order in which they were added.
    func rebalance() async {
        for (torrent, mayRun) in registry.withLock({ $0.turns() }) {
            await torrent.lifecycle.setTurn(mayRun)
        }
    }

    /// A torrent's state has changed.
    func handleChange(of torrent: Torrent, to state: TorrentState) {
        let needsBalance = registry.withLock { $0.note(state, of: torrent) }
        feed.send(.changed(torrent, state))
        if needsBalance { Task { await rebalance() } }
    }

    // MARK: - Life

    /// Runs until the service group or the surrounding task ends it, then shuts down.
    public func run() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        await withTaskCancellationOrGracefulShutdownHandler {
            for await _ in stream {}
        } onCancelOrGracefulShutdown: {
            continuation.finish()
        }
        await shutdown()
    }

    /// Stops every torrent, tells the trackers, flushes and closes everything.
    ///
    /// Once: later calls wait for the first.
    public func shutdown() async {
        let task = ending.withLock { ending in
            let task = ending ?? Task { await end() }
            ending = task
            return task
        }
        await task.value
    }

    private func end() async {
        let all = registry.withLock { $0.close() }
        await listener?.close()
        await withTaskGroup(of: Void.self) { group in
            for torrent in all { group.addTask { await torrent.lifecycle.shutdown() } }
        }
        environment.dialer.close()
        await trackers.shutdown()
        await runtime.shutdown()
        feed.finish()
    }

    private func handleIncoming(_ incoming: IncomingPeer) {
        let torrent = registry.withLock { $0.torrent(named: incoming.infoHash) }
        guard let torrent else { return incoming.reject() }
        torrent.driver.loop.execute { torrent.driver.adopt(incoming) }
    }
}

/// What happens in a session.
public enum SessionEvent: Sendable {
    /// A torrent is here.
    case added(Torrent)
    /// It does something else now.
    case changed(Torrent, TorrentState)
    /// It is gone.
    case removed(Torrent)
}

/// Lets the listener be made before the session that it serves.
private final class Doorway: Sendable {
    private let handler = Mutex<(@Sendable (IncomingPeer) -> Void)?>(nil)

    func open(_ handler: @escaping @Sendable (IncomingPeer) -> Void) { self.handler.withLock { $0 = handler } }

    func handle(_ incoming: IncomingPeer) {
        guard let handler = handler.withLock({ $0 }) else { return incoming.reject() }
        handler(incoming)
    }
}
