// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTransport
public import RucheWire

/// One torrent of a session.
///
/// A handle, which may be kept and called from anywhere. A call that needs a dormant torrent wakes it.
public final class Torrent: Sendable {
    /// The torrent's info-hashes.
    public let hashes: InfoHashes

    /// The torrent's number in its session; torrents that were added later have higher numbers.
    let number: Int
    /// Nil once the session has gone.
    weak let services: TorrentServices?
    let state: Locked<State>
    let feed = EventFeed<TorrentStatus>(bufferLimit: 1)

    struct State {
        /// What the session's catalogue says of the torrent.
        var entry: CatalogueEntry
        var form = TorrentForm.dormant
        /// Nil once the torrent has been dormant.
        var beginning: TorrentBeginning?
        var carried = CarriedTotals()
        /// Why strangers cannot wake the torrent.
        var failure: RestingFailure?
        /// The number of callers that hold the torrent awake.
        var holdCount = 0
        /// The number of calls that are being carried out on the torrent's loop.
        var callCount = 0
        /// The torrent has properties that an entry does not record.
        var staysAwake = false
        /// Callers that wait until the torrent is dormant, or the end that waits until there are no calls.
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// The key by which trackers recognise us (BEP 7).
        let announceKey: UInt32
    }

    init(_ entry: CatalogueEntry, beginning: TorrentBeginning?, _ services: TorrentServices, number: Int) {
        hashes = entry.hashes
        self.number = number
        self.services = services
        let announceKey = UInt32(truncatingIfNeeded: services.environment.makeSeed())
        state = Locked(State(entry: entry, beginning: beginning, announceKey: announceKey))
    }

    // MARK: - Facts

    /// The status, at most half a second old.
    public var currentStatus: TorrentStatus {
        state.withLock { $0.form.lifecycle.map(\.snapshot.status) ?? $0.dormantStatus }
    }

    /// The status, about twice a second; ends when the torrent is removed or its session shuts down. While the stream is read,
    /// the torrent is awake.
    public var status: AsyncStream<TorrentStatus> {
        let stream = feed.subscribe()
        if !state.withLock({ $0.form.isAwake }) { act { _ in } }
        return stream
    }

    /// The torrent's metadata and piece layers; nil until they are known. The metainfo of a dormant torrent is read from the
    /// disk and parsed, on the session's blocking pool.
    public var metainfo: Metainfo? {
        get async {
            if let known = state.withLock({ state in
                state.form.lifecycle?.snapshot.metainfo ?? state.beginning?.origin.metainfo
            }) {
                return known
            }
            guard let services, let folder = services.configuration.stateFolder, entry.magnet == nil else { return nil }
            let hashes = hashes
            return try? await services.pool.perform { try SavedMetainfo.load(hashes, in: folder) }
        }
    }

    /// Returns once every wanted piece is here and verified.
    ///
    /// A torrent that is suspended goes on by itself: call this again to wait further.
    ///
    /// - Throws: `TorrentError` if the torrent fails, is suspended or removed, or its session is shut down before;
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

    // MARK: - Actions

    /// Resumes the torrent, also one that has failed: what is missing is downloaded again.
    public func resume() async { try? await withLifecycle { await $0.setPaused(false) } }

    /// Pauses the torrent: all peers are disconnected, and the data stays.
    public func pause() async { try? await withLifecycle { await $0.setPaused(true) } }

    /// Adds peers to dial.
    public func add(peers: [PeerEndpoint]) {
        act { $0.driver.handleFound(peers, from: .manual) }
    }

    /// Changes the priorities of files, given by index in `TorrentInfo.files`.
    ///
    /// - Throws: `TorrentError` if the metadata is not known yet, or a file cannot be made or moved.
    public func setPriorities(_ priorities: [Int: FetchPriority]) async throws {
        try await withLifecycle { try await $0.setPriorities(priorities) }
    }

    /// Changes the order in which pieces are downloaded. An app's own order lasts until the torrent becomes dormant or the
    /// session ends.
    public func setOrder(_ order: FetchOrder) {
        act { await $0.setOrder(order) }
    }

    /// Verifies all data on the disk, as it is now: if a check is running already, another one follows it. Returns when the
    /// check is over.
    ///
    /// - Throws: `TorrentError` if the metadata is not known yet, or the disk fails.
    public func recheck() async throws { try await withLifecycle { try await $0.recheck() } }

    /// Moves the data to another folder.
    ///
    /// - Throws: `TorrentError` if the metadata is not known yet, or the files cannot be moved; then they are where they were.
    public func move(to folder: String) async throws { try await withLifecycle { try await $0.move(to: folder) } }
}

/// Equality is identity.
extension Torrent: Hashable {
    /// Whether both are the same torrent of the same session.
    public static func == (one: Torrent, other: Torrent) -> Bool { one === other }

    /// Hashes its identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
