// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTransport
internal import RucheWire
internal import Synchronization

/// What a session with a state folder remembers from one life to the next: its catalogue, and copies of metainfo.
///
/// Owner: the session. All writing is done on the blocking pool. What was noted survives a kill when the call returns, and a power
/// cut a little later.
final class SessionNotebook: Sendable {
    let catalogue: SessionCatalogue
    private let runtime: TransportRuntime
    private let loop: any EventLoop
    private let logger: Logger
    /// A checkpoint is due, and will be made.
    private let isCheckpointAwaited = Atomic(false)

    init(_ catalogue: SessionCatalogue, _ runtime: TransportRuntime, _ logger: Logger) {
        self.catalogue = catalogue
        self.runtime = runtime
        loop = runtime.nextLoop()
        self.logger = logger
    }

    /// A torrent has come: saves its metainfo, and notes what `entry` returns.
    ///
    /// - Throws: `TorrentError` if it cannot be written.
    func add(_ metainfo: Metainfo?, of hashes: InfoHashes, entry: @escaping @Sendable () -> CatalogueEntry?)
        async throws
    {
        do {
            try await runtime.blocking.perform { [catalogue] in
                if let metainfo { try catalogue.save(metainfo, of: hashes) }
                try catalogue.put(isNew: true, entry)
            }
        } catch {
            throw TorrentError(error)
        }
        scheduleCheckpoint()
    }

    /// Notes how a torrent stands: what `entry` returns by then, or nothing if that is nil.
    nonisolated(nonsending) func note(_ entry: @escaping @Sendable () -> CatalogueEntry?) async {
        await attempt { [catalogue] in try catalogue.put(isNew: false, entry) }
        scheduleCheckpoint()
    }

    /// Keeps the metainfo of a torrent that came without.
    nonisolated(nonsending) func save(_ metainfo: Metainfo, of hashes: InfoHashes) async {
        await attempt { [catalogue] in try catalogue.save(metainfo, of: hashes) }
        scheduleCheckpoint()
    }

    /// A torrent has gone.
    func remove(_ hashes: InfoHashes) async {
        await attempt { [catalogue] in
            try catalogue.remove(hashes)
            try catalogue.removeCopy(of: hashes)
        }
        scheduleCheckpoint()
    }

    /// Notes nothing any more, and unlocks the state folder.
    func close() async {
        await attempt { [catalogue] in try catalogue.close() }
    }

    /// Makes recorded changes survive a power cut a little later.
    private func scheduleCheckpoint() {
        guard !isCheckpointAwaited.exchange(true, ordering: .relaxed) else { return }
        loop.scheduleTask(in: TimeAmount(SwarmTiming.checkpoint)) { [weak self] in self?.checkpoint() }
    }

    private func checkpoint() {
        isCheckpointAwaited.store(false, ordering: .relaxed)
        let isAccepted = runtime.blocking.run { [catalogue, logger] isActive in
            guard isActive else { return }
            do { try catalogue.checkpoint() } catch { logger.error("\(error)") }
        }
        if !isAccepted { scheduleCheckpoint() }
    }

    private nonisolated(nonsending) func attempt(_ work: @escaping @Sendable () throws -> Void) async {
        do { try await runtime.blocking.perform(work) } catch { logger.error("\(error)") }
    }
}
