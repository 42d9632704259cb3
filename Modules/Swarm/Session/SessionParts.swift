// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import RucheCrypto
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// The parts of a session, made one after the other: none refers to the session, so no link has to be closed afterwards.
struct SessionParts {
    let table = TorrentTable()
    let services: TorrentServices
    let openings: OpeningQueue
    let sockets: SessionSockets
    let reach: SessionReach
    let catalogue: SessionCatalogue.Opened?

    /// Binds the port and starts the threads.
    ///
    /// - Throws: `TransportError` if the port or address is not free, or the process may open too few files;
    ///   `StorageError` if the state folder cannot be used. Nothing stays open then.
    init(_ configuration: SessionConfiguration) async throws {
        let plan = try DescriptorPlan(configuration)
        let runtime = TransportRuntime(configuration, plan)
        do {
            catalogue = try await Self.openCatalogue(configuration, runtime)
            let listener = Self.makeListener(configuration, table, runtime)
            sockets = try await SessionSockets(configuration, runtime, letIn: listener)
        } catch {
            await runtime.shutdown()
            throw error
        }
        let dialer = PeerDialer(
            over: sockets.transports,
            policy: configuration.channels,
            blocked: configuration.blocked,
            runtime: runtime
        )
        reach = await SessionReach(configuration, sockets, runtime)
        let environment = SwarmEnvironment(
            runtime: runtime,
            dialer: dialer,
            configuration: configuration,
            plan: plan,
            dht: reach.dht?.node
        )
        let trackers = TrackerClient(
            binding: configuration.binding,
            datagrams: sockets.datagrams,
            runtime: runtime,
            logger: configuration.logger
        )
        openings = OpeningQueue(limit: configuration.limits.openings) { runtime.spawn($0) }
        var random = SecureRandom()
        services = TorrentServices(
            configuration,
            environment,
            peerID: PeerID(prefix: configuration.peerIDPrefix, using: &random),
            port: sockets.endpoints.first?.port ?? 0,
            trackers: trackers,
            sources: configuration.sources + reach.sources,
            notebook: catalogue.map { SessionNotebook($0.catalogue, runtime, configuration.logger) },
            dormancy: Self.makeDormancy(trackers, table, environment.limits),
            recovery: RecoveryQueue(on: runtime.nextLoop()) { [table, openings] in
                if let torrent = table.torrent(numbered: $0) { openings.enqueue(torrent) }
            },
            onTurn: { [table] in table.torrent(numbered: $0)?.refreshTurn() }
        )
    }

    private static func openCatalogue(
        _ configuration: SessionConfiguration,
        _ runtime: TransportRuntime
    ) async throws -> SessionCatalogue.Opened? {
        guard let folder = configuration.stateFolder, configuration.remembersTorrents else { return nil }
        return try await runtime.blocking.perform { try SessionCatalogue.open(in: folder) }
    }

    /// Lets strangers in, and hands them to the torrents that they name.
    private static func makeListener(
        _ configuration: SessionConfiguration,
        _ table: TorrentTable,
        _ runtime: TransportRuntime
    ) -> PeerListener? {
        guard configuration.listeningPort != nil else { return nil }
        let options = PeerListener.Options(policy: configuration.channels, blocked: configuration.blocked) {
            table.infoHash(forLookupKey: $0)
        }
        let refusals = OffenderLog(logger: configuration.logger, clock: runtime.loops[0])
        return PeerListener(options, runtime: runtime) {
            table.adopt($0)
        } onRefusal: {
            refusals.note($0.remote, $0.reason.rawValue)
        }
    }

    private static func makeDormancy(
        _ trackers: TrackerClient,
        _ table: TorrentTable,
        _ limits: SwarmLimits
    ) -> SessionDormancy {
        let announcer = DormantAnnouncer(client: trackers) {
            table.torrent(numbered: $0)?.makeAnnounceSubject()
        } onPeers: {
            table.torrent(numbered: $0)?.handleFoundWhileDormant($1)
        }
        return SessionDormancy(announcer, awakeLimit: limits.awakeTorrents) {
            await table.torrent(numbered: $0)?.yieldPlace() ?? true
        }
    }
}

extension TransportRuntime {
    fileprivate convenience init(_ configuration: SessionConfiguration, _ plan: DescriptorPlan) {
        var limits = configuration.transportLimits
        limits.pendingIncoming = plan.strangers
        limits.halfOpenDials = plan.dials
        limits.connections = plan.connections
        self.init(
            loopCount: configuration.loopCount,
            blockingThreadCount: configuration.blockingThreadCount,
            limits: limits
        )
    }
}
