// SPDX-License-Identifier: Apache-2.0

internal import Logging
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

    let services: TorrentServices
    let table: TorrentTable
    let openings: OpeningQueue
    let sockets: SessionSockets
    let reach: SessionReach
    let ending = Locked<Task<Void, Never>?>(nil)
    private let numbers = Atomic<Int>(0)

    /// Binds the port, starts the threads, and restores the torrents in the state folder.
    ///
    /// - Throws: `TransportError` if the port or address is in use, or the process may open too few files;
    ///   `StorageError` if the state folder cannot be used.
    public init(_ configuration: SessionConfiguration) async throws {
        self.configuration = configuration
        let parts = try await SessionParts(configuration)
        services = parts.services
        table = parts.table
        openings = parts.openings
        sockets = parts.sockets
        reach = parts.reach
        endpoints = parts.sockets.endpoints
        if let catalogue = parts.catalogue { restore(catalogue) }
    }

    /// The port on which peers reach us; 0 if there is none.
    public var port: UInt16 { services.port }

    /// The session's torrents, in the order in which they were added.
    public var torrents: [Torrent] { table.ordered }

    /// The torrent that is known by one of these info-hashes; nil if the session has none.
    public func torrent(for hashes: InfoHashes) -> Torrent? { table.torrent(for: hashes) }

    /// The events from now on. A reader that does not keep up misses the oldest.
    public var events: AsyncStream<SessionEvent> { services.events.subscribe() }

    var environment: SwarmEnvironment { services.environment }
    var logger: Logger { configuration.logger }

    // MARK: - Torrents

    /// Adds a torrent by its metadata. Returns before the data on the disk has been checked: see `Torrent.status`.
    ///
    /// - Throws: `TorrentError`; `duplicate` if the session has the torrent already, which the error carries.
    @discardableResult
    public func add(_ metainfo: Metainfo, options: AddOptions = AddOptions()) async throws -> Torrent {
        let torrent = try await add(TorrentOrigin(metainfo), options)
        reach.dht?.addNodes(of: metainfo)
        return torrent
    }

    /// Adds a torrent by a magnet link: its metadata comes from peers.
    ///
    /// - Throws: `TorrentError`; `duplicate` if the session has the torrent already, which the error carries.
    @discardableResult
    public func add(_ magnet: MagnetLink, options: AddOptions = AddOptions()) async throws -> Torrent {
        try await add(TorrentOrigin(magnet), options)
    }

    /// Adds a torrent by the text of a magnet link.
    ///
    /// - Throws: `MagnetError` if the text is not a magnet link; `TorrentError`: `duplicate` if the session has the torrent already,
    ///   which the error carries.
    @discardableResult
    public func add(magnet: String, options: AddOptions = AddOptions()) async throws -> Torrent {
        try await add(MagnetLink(parsing: magnet), options: options)
    }

    /// Removes a torrent from the session, and deletes its files if requested.
    ///
    /// - Throws: `TorrentError` if files could not be deleted; the torrent is removed from the session even then.
    public func remove(_ torrent: Torrent, deletingData: Bool = false) async throws {
        var failure: (any Error)?
        // Only the torrent that has opened the files can delete them.
        if deletingData, table.torrent(numbered: torrent.number) === torrent {
            try? await torrent.withLifecycle { await $0.waitUntilOpened() }
        }
        guard table.remove(torrent) else { return }
        if let life = await torrent.end(TorrentError(.removed, "the torrent was removed from its session")) {
            do { try await life.remove(deletingData: deletingData) } catch { failure = TorrentError(error) }
            services.dormancy.handleAsleep(torrent.number)
        }
        services.dormancy.release(torrent.number)
        await services.notebook?.remove(torrent.hashes)
        torrent.finishFeed()
        // It is no longer in the session, whatever is left on the disk.
        services.events.send(.removed(torrent))
        services.removeTurn(of: torrent.number)
        if let failure { throw failure }
    }

    private func add(_ origin: TorrentOrigin, _ options: AddOptions) async throws -> Torrent {
        let entry = CatalogueEntry(origin, options)
        let notebook = options.canBeRemembered ? services.notebook : nil
        var kept = options
        // The entry lists all trackers; the metainfo is read from the saved copy.
        if notebook != nil { kept.trackers = [] }
        let beginning = TorrentBeginning(notebook == nil ? origin : TorrentOrigin(entry), kept)
        let torrent = Torrent(entry, beginning: beginning, services, number: nextNumber())
        try insert(torrent, as: options.isPaused ? .idle : .wantsToDownload)
        if let notebook {
            do {
                try await notebook.add(origin.metainfo, of: torrent.hashes) { [weak torrent] in torrent?.entryToNote }
            } catch {
                if table.remove(torrent) { services.removeTurn(of: torrent.number) }
                throw error
            }
        }
        services.events.send(.added(torrent))
        if notebook != nil { openings.enqueue(torrent) } else { try await torrent.withLifecycle { _ in } }
        return torrent
    }

    private func nextNumber() -> Int { numbers.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Lets the torrent be found, by strangers too.
    private func insert(_ torrent: Torrent, as activity: TurnTable.Activity) throws(TorrentError) {
        try table.insert(torrent)
        services.addTurn(of: torrent.number, as: activity)
    }

    /// Brings back what was in the session. Seeds come back dormant: nothing of them is opened.
    private func restore(_ opened: SessionCatalogue.Opened) {
        if opened.damagedByteCount > 0 {
            logger.error(
                "\(opened.damagedByteCount) bytes of the session's catalogue are damaged: torrents may be missing"
            )
        }
        for entry in opened.entries {
            let torrent = Torrent(entry, beginning: nil, services, number: nextNumber())
            let isSeed = entry.flags.contains(.complete)
            let isPaused = entry.flags.contains(.paused)
            do throws(TorrentError) {
                try insert(torrent, as: isPaused ? .idle : isSeed ? .wantsToSeed : .wantsToDownload)
            } catch {
                logger.error("\(error)")
                continue
            }
            if isSeed { torrent.refreshTurn() } else { openings.enqueue(torrent) }
        }
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
}
