// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
public import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire
internal import Synchronization

/// Content that is not a torrent.
extension Session {
    /// Shares an app's own content, which may grow: see `Content`.
    ///
    ///     let log = try await session.add(content: Log(author: key), store: MemoryStore(pieceLength: 1 << 16, limitBytes: 1 << 28))
    ///     try await log.send(.append(bytes))
    ///     for await report in log.reports { … }
    ///
    /// Pieces in `store` are read and verified first, unless the store vouches for them or they were recorded
    /// (`ContentOptions.resumePath`). The session does not remember the content: add it again after a restart, with its
    /// last state.
    ///
    /// - Throws: `TorrentError` if the session already shares something under one of its info-hashes, or was shut down;
    ///   `StorageError` if the store cannot be read.
    @discardableResult
    public func add<Body: Content>(
        content: Body,
        store: any PieceStore,
        options: ContentOptions = ContentOptions()
    ) async throws -> SharedContent<Body> {
        let seed = ContentSeed(content)
        guard seed.shape.isValid else { throw TorrentError(.other, "the content has a shape that cannot be shared") }
        let feed = EventFeed<Body.Report>(bufferLimit: max(1, Body.limits.reportCount))
        let swarm = makeSwarm(of: seed) { feed.finish() }
        try insert(swarm)
        do {
            let (resumePath, order) = (options.resumePath, options.order)
            let unchoking = options.unchoking ?? configuration.unchoking
            let opened = try await environment.runtime.blocking.perform {
                try OpenedContent(seed, store, resumePath: resumePath)
            }
            try await swarm.perform { driver in
                driver.open(seed, opened.disk, have: opened.have, order: order, unchoking: unchoking) { report in
                    if let report = report as? Body.Report { feed.send(report) }
                }
            }
        } catch {
            await swarm.leave()
            throw error
        }
        swarm.start(joinSources(of: swarm, seed, options), options.peers)
        return SharedContent(swarm, feed: feed)
    }

    private func makeSwarm(of seed: ContentSeed, finishFeed: @escaping @Sendable () -> Void) -> ContentSwarm {
        var logger = logger
        logger[metadataKey: "content"] = "\(seed.name)"
        return ContentSwarm(seed, services.makeDriver(for: seed.hashes, logger: logger), finishFeed: finishFeed) {
            [table] in table.remove($0)
        }
    }

    private func insert(_ swarm: ContentSwarm) throws(TorrentError) {
        guard torrent(for: swarm.hashes) == nil else {
            throw TorrentError(.duplicate, "the session has a torrent of this info-hash")
        }
        try table.contents.withLock { contents throws(TorrentError) in try contents.insert(swarm) }
        for hash in swarm.hashes.wireHashes { table.lookup.insert(hash) }
    }

    private func joinSources(of swarm: ContentSwarm, _ seed: ContentSeed, _ options: ContentOptions) -> JoinedSources {
        let driver = swarm.driver
        let context = services.makeContext(
            seed.hashes,
            isPrivate: seed.isPrivate,
            isComplete: false,
            isDormant: false
        ) {
            await driver.contentStats()
        }
        var sources = JoinedSources()
        if !options.trackers.isEmpty {
            let source = TrackerSource(
                client: services.trackers,
                tiers: [options.trackers],
                announceKey: UInt32(truncatingIfNeeded: environment.makeSeed()),
                resting: nil,
                untold: [],
                logger: logger
            )
            _ = sources.join(source, context, on: driver)
        }
        services.joinSources(context, &sources, on: driver)
        for (index, source) in options.sources.enumerated() where source.mayServe(context) {
            sources.join(source, as: .torrent(index), context, on: driver)
        }
        return sources
    }
}
