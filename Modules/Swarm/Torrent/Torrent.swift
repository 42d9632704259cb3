// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTransport
public import RucheWire
internal import Synchronization

/// One torrent of a session: its status, and the user's commands.
///
/// A handle that may be stored and called anywhere. The work is done by its `TorrentLifecycle`, and by its
/// `SwarmDriver` on its loop; a seed that no peer asks for anything has neither, and is woken when it is needed: see
/// `Torrent+Forms`.
public final class Torrent: Sendable {
    /// Its info-hashes.
    public let hashes: InfoHashes

    /// Its number in the session: the later it was added, the higher.
    let number: Int
    weak let session: Session?
    let state: Mutex<State>
    let feed = EventFeed<TorrentStatus>(bufferLimit: 1)

    struct State {
        /// What the session remembers about it.
        var entry: CatalogueEntry
        var form = TorrentForm.dormant
        /// Nil once it has been opened, if it can be dormant.
        var beginning: TorrentBeginning?
        var carried = CarriedTotals()
        /// Why incoming peers cannot wake it.
        var failure: RestingFailure?
        /// The number of parts that keep it awake.
        var holdCount = 0
        /// It has state that an entry does not contain.
        var staysAwake = false
        /// Waiters until it is dormant.
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// The key by which trackers know it (BEP 7).
        let announceKey = UInt32.random(in: 0...(.max))
    }

    init(_ entry: CatalogueEntry, beginning: TorrentBeginning?, session: Session, number: Int) {
        hashes = entry.hashes
        self.number = number
        self.session = session
        state = Mutex(State(entry: entry, beginning: beginning))
    }

    // MARK: - Status

    /// Its status, up to half a second old.
    public var currentStatus: TorrentStatus {
        state.withLock { $0.form.lifecycle.map(\.snapshot.status) ?? $0.dormantStatus }
    }

    /// Its status about twice a second; ends when it is removed or the session shuts down. While this is being read the
    /// torrent stays active.
    public var status: AsyncStream<TorrentStatus> {
        let stream = feed.subscribe()
        if !state.withLock({ $0.form.isAwake }) { act { _ in } }
        return stream
    }

    /// Its metadata with piece layers; nil until it is known. While the torrent is dormant it is read from the disk and
    /// parsed on the session's blocking pool.
    public var metainfo: Metainfo? {
        get async {
            if let known = state.withLock({ state in
                state.form.lifecycle?.snapshot.metainfo ?? state.beginning?.origin.metainfo
            }) {
                return known
            }
            guard let session, let folder = session.configuration.stateFolder, entry.magnet == nil else { return nil }
            let hashes = hashes
            let pool = session.environment.runtime.blocking
            return try? await pool.perform { try SavedMetainfo.load(hashes, in: folder) }
        }
    }

    /// Returns once everything that is wanted is stored and verified.
    ///
    /// A suspended torrent continues by itself: call this again to wait further.
    ///
    /// - Throws: `TorrentError` if it fails, is suspended or removed, or its session shuts down before;
    ///   `CancellationError` when the task is cancelled.
    public func finished() async throws {
        if currentStatus.isComplete { return }
        for await status in status {
            if status.isComplete { return }
            switch status.state {
            case .failed(let error), .suspended(let error): throw error
            default: continue
            }
        }
        try Task.checkCancellation()
        if currentStatus.isComplete { return }
        throw endReason ?? TorrentError(.removed, "the torrent was removed before it was complete")
    }

    // MARK: - Commands

    /// Resumes the torrent.
    public func resume() async { try? await withLifecycle { await $0.setPaused(false) } }

    /// Pauses the torrent: all peers are disconnected, and stored data stays.
    public func pause() async { try? await withLifecycle { await $0.setPaused(true) } }

    /// Adds peers to try.
    public func add(peers: [PeerEndpoint]) {
        act { life in life.driver.loop.execute { life.driver.handleFound(peers, from: .manual) } }
    }

    /// Sets the priorities of files, by index in `TorrentInfo.files`; files that are not named keep theirs.
    ///
    /// - Throws: `TorrentError` if the metadata is not known yet, or a file cannot be created or moved.
    public func setPriorities(_ priorities: [Int: FetchPriority]) async throws {
        try await withLifecycle { try await $0.setPriorities(priorities) }
    }

    /// Sets the order in which pieces are downloaded. An app's own order lasts until the torrent becomes dormant or the
    /// session ends.
    public func setOrder(_ order: FetchOrder) {
        act { await $0.setOrder(order) }
    }

    /// Verifies everything that is on the disk now: if a check is already running, another one follows it. Returns once
    /// it has finished.
    ///
    /// - Throws: `TorrentError` if the metadata is not known yet, or the disk fails.
    public func recheck() async throws { try await withLifecycle { try await $0.recheck() } }

    /// Moves the torrent's files to another folder.
    ///
    /// - Throws: `TorrentError` if the metadata is not known yet, or the files cannot be moved; they stay in their old
    ///   place then.
    public func move(to folder: String) async throws { try await withLifecycle { try await $0.move(to: folder) } }
}

/// A torrent of a session equals only itself.
extension Torrent: Hashable {
    /// Returns whether both are the same torrent of the same session.
    public static func == (one: Torrent, other: Torrent) -> Bool { one === other }

    /// Hashes its identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
