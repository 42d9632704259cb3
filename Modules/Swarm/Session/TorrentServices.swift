// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheDHT
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// What a session provides to its torrents.
///
/// Owner: the session. It refers neither to the session nor to a torrent: ownership points down only, from the session by its
/// torrents and their lifecycles to drivers and cores.
final class TorrentServices: Sendable {
    let configuration: SessionConfiguration
    let environment: SwarmEnvironment
    let peerID: PeerID
    /// The port that peers reach us at; 0 if the session takes no connections.
    let port: UInt16
    let trackers: TrackerClient
    /// The sources that every torrent joins: those of the app, and our own.
    let sources: [any PeerSource]
    /// Nil without a state folder.
    let notebook: SessionNotebook?
    let dormancy: SessionDormancy
    let recovery: RecoveryQueue
    let extensions = Locked(SessionExtensions())
    let metrics = SessionMetrics()
    let events = EventFeed<SessionEvent>()
    private let turns: Locked<TurnTable>
    private let onTurn: @Sendable (Int) -> Void

    /// `onTurn` is called with the number of each torrent whose turn may have changed, from any thread.
    init(
        _ configuration: SessionConfiguration,
        _ environment: SwarmEnvironment,
        peerID: PeerID,
        port: UInt16,
        trackers: TrackerClient,
        sources: [any PeerSource],
        notebook: SessionNotebook?,
        dormancy: SessionDormancy,
        recovery: RecoveryQueue,
        onTurn: @escaping @Sendable (Int) -> Void
    ) {
        self.configuration = configuration
        self.environment = environment
        self.peerID = peerID
        self.port = port
        self.trackers = trackers
        self.sources = sources
        self.notebook = notebook
        self.dormancy = dormancy
        self.recovery = recovery
        self.onTurn = onTurn
        turns = Locked(TurnTable(limits: configuration.limits))
    }

    var logger: Logger { configuration.logger }
    var pool: BlockingPool { environment.runtime.blocking }

    /// Makes a driver with the session's extensions; `makeReader` returns what is told an extension's reports.
    func makeDriver(
        for hashes: InfoHashes,
        logger: Logger,
        makeReader: (any SessionExtension) -> @Sendable (any Sendable) -> Void
    ) -> SwarmDriver {
        let driver = makeDriver(for: hashes, logger: logger)
        for addition in extensions.withLock({ $0.all }) { driver.attach(addition.kind, makeReader(addition)) }
        return driver
    }

    /// Creates a driver on the next loop, without extensions.
    func makeDriver(for hashes: InfoHashes, logger: Logger) -> SwarmDriver {
        let identity = SwarmCore.Identity(
            hashes: hashes,
            peerID: peerID,
            listenPort: port,
            dhtPort: environment.dht?.endpoints.first?.port ?? 0,
            clientName: configuration.clientName
        )
        return SwarmDriver(
            identity: identity,
            environment: environment,
            loop: environment.runtime.nextLoop(),
            logger: logger
        )
    }

    // MARK: - Turns

    /// Whether a torrent may run: as many may as the limits allow, in the order in which they were added.
    func hasTurn(_ number: Int) -> Bool { turns.withLock { $0.hasTurn(number) } }

    /// Whether a dormant torrent may be woken by others than the user.
    func mayWake(_ number: Int) -> Bool { dormancy.hasRoom && hasTurn(number) }

    /// A torrent has come. Its own turn is asked for by `hasTurn`, and not told.
    func addTurn(of number: Int, as activity: TurnTable.Activity) {
        for changed in turns.withLock({ $0.insert(number, as: activity) }) where changed != number { onTurn(changed) }
    }

    /// A torrent has gone.
    func removeTurn(of number: Int) { turns.withLock { $0.remove(number) }.forEach(onTurn) }

    /// A torrent does something else now.
    func noteTurn(of number: Int, _ state: TorrentState) {
        turns.withLock { $0.note(state, of: number) }.forEach(onTurn)
    }

    // MARK: - Sources

    /// Whether dormant seeds stay members of any source.
    var hasLastingSources: Bool { sources.contains(where: \.traits.outlivesDormancy) }

    /// Adds a torrent to the session's sources that it has not joined and may join.
    func joinSources(_ context: SourceContext, _ joined: inout JoinedSources, on driver: SwarmDriver?) {
        for (index, source) in sources.enumerated() where source.mayServe(context) {
            if context.isDormant, !source.traits.outlivesDormancy { continue }
            joined.join(source, as: .session(index), context, on: driver)
        }
    }

    /// What sources are told of a torrent.
    func makeContext(
        _ hashes: InfoHashes,
        isPrivate: Bool?,
        isComplete: Bool,
        isDormant: Bool,
        stats: @escaping @Sendable () async -> AnnounceStats
    ) -> SourceContext {
        SourceContext(
            hashes: hashes,
            peerID: peerID,
            listenPort: port,
            isPrivate: isPrivate,
            isComplete: isComplete,
            isDormant: isDormant,
            stats: stats
        )
    }
}
