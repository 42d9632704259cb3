// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTransport
internal import RucheWire
internal import Synchronization

/// What a session with a state folder remembers for the next one.
extension Session {
    /// Records the torrent's present state in the catalogue. It survives a kill once this returns.
    func remember(_ torrent: Torrent) async {
        guard let catalogue else { return }
        await note { try catalogue.put(isNew: false) { torrent.entryToNote } }
    }

    /// Stores the metainfo of a torrent that was added without it.
    func save(_ metainfo: Metainfo, of torrent: Torrent) async {
        guard let catalogue else { return }
        let hashes = torrent.hashes
        await note { try catalogue.save(metainfo, of: hashes) }
    }

    /// Handles an added torrent: saves its metainfo and records it, or throws.
    func rememberNew(_ torrent: Torrent, _ metainfo: Metainfo?) async throws {
        guard let catalogue else { return }
        let hashes = torrent.hashes
        do {
            try await onPool {
                if let metainfo { try catalogue.save(metainfo, of: hashes) }
                try catalogue.put(isNew: true) { torrent.entryToNote }
            }
        } catch {
            throw TorrentError(error)
        }
        scheduleCheckpoint()
    }

    /// Handles a removed torrent.
    func forget(_ torrent: Torrent) async {
        guard let catalogue else { return }
        let hashes = torrent.hashes
        await note {
            try catalogue.remove(hashes)
            try catalogue.removeCopy(of: hashes)
        }
    }

    /// Makes recorded changes survive a power cut a little later.
    private func scheduleCheckpoint() {
        guard let catalogue, checkpoint.begin() else { return }
        Task { [weak self] in
            try? await Task.sleep(nanoseconds: UInt64(SwarmTiming.checkpoint.nanoseconds))
            self?.checkpoint.end()
            await self?.attempt { try catalogue.checkpoint() }
        }
    }

    private func note(_ work: @escaping @Sendable () throws -> Void) async {
        await attempt(work)
        scheduleCheckpoint()
    }

    private func attempt(_ work: @escaping @Sendable () throws -> Void) async {
        do { try await onPool(work) } catch { logger.error("\(error)") }
    }

    private func onPool(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await environment.runtime.blocking.perform(work)
    }

    // MARK: - At the start

    /// Opens the catalogue of the state folder, if there is one.
    static func openCatalogue(
        _ configuration: SessionConfiguration,
        _ runtime: TransportRuntime
    ) async throws -> SessionCatalogue.Opened? {
        guard let folder = configuration.stateFolder, configuration.remembersTorrents else { return nil }
        return try await runtime.blocking.perform { try SessionCatalogue.open(in: folder) }
    }

    /// Restores the session's torrents. Seeds are restored dormant: nothing of them is opened.
    func restore(_ opened: SessionCatalogue.Opened) {
        if opened.damagedByteCount > 0 {
            logger.error(
                "\(opened.damagedByteCount) bytes of the session's catalogue are damaged: torrents may be missing"
            )
        }
        for entry in opened.entries {
            let torrent = Torrent(entry, beginning: nil, session: self, number: nextNumber())
            let isSeed = entry.flags.contains(.complete)
            let isPaused = entry.flags.contains(.paused)
            do throws(TorrentError) {
                try insert(torrent, as: isPaused ? .idle : isSeed ? .wantsToSeed : .wantsToDownload)
            } catch {
                logger.error("\(error)")
                continue
            }
            if isSeed {
                if !isPaused, hasTurn(torrent) {
                    torrent.state.withLock { announceWhileDormant(torrent.number, $0, RestingSources()) }
                }
            } else {
                openings.enqueue(torrent)
            }
        }
    }
}
