// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RucheStorage
internal import RucheTransport
public import RucheWire
internal import Synchronization

/// One torrent of a session: what the user sees of it, and may do with it.
///
/// A handle: it may be kept and called from anywhere. The work is done by its `TorrentLifecycle`, and by its `SwarmDriver`
/// on its loop; a seed that nobody asks for anything has neither, and is woken when it is needed: see `Torrent+Forms`.
public final class Torrent: Sendable {
    /// Its names.
    public let hashes: InfoHashes

    /// What the session calls it: the later it was added, the higher.
    let number: Int
    weak let session: Session?
    let state: Mutex<State>
    let feed = EventFeed<TorrentStatus>(bufferLimit: 1)

    struct State {
        /// What the session remembers of it.
        var entry: CatalogueEntry
        var form = TorrentForm.dormant
        /// Nil once it has been opened, if it can be dormant.
        var beginning: TorrentBeginning?
        var carried = CarriedTotals()
        /// Why it cannot be woken by strangers.
        var failure: RestingFailure?
        /// Who holds it awake.
        var holdCount = 0
        /// It has something that an entry does not tell.
        var staysAwake = false
        /// Who waits until it is dormant.
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// What trackers know it by (BEP 7).
        let announceKey = UInt32.random(in: 0...(.max))
    }

    init(_ entry: CatalogueEntry, beginning: TorrentBeginning?, session: Session, number: Int) {
        hashes = entry.hashes
        self.number = number
        self.session = session
        state = Mutex(State(entry: entry, beginning: beginning))
    }

    // MARK: - What it is

    /// How it stands, at most half a second ago.
    public var currentStatus: TorrentStatus {
        state.withLock { $0.form.lifecycle.map(\.snapshot.status) ?? $0.dormantStatus }
    }

    /// How it stands, now and then, about twice a second; ends when it is removed or the session shuts down. While somebody
    /// reads this the torrent is awake.
    public var status: AsyncStream<TorrentStatus> {
        let stream = feed.subscribe()
        if !state.withLock({ $0.form.isAwake }) { act { _ in } }
        return stream
    }

    /// Its metadata with piece layers; nil until it is known. While the torrent is dormant it is read from the disk, and
    /// parsed, on the session's pool of threads for such work.
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

    /// Returns once all that is wanted is here and verified.
    ///
    /// A torrent that is suspended goes on by itself: call this again to wait further.
    ///
    /// - Throws: `TorrentError` if it fails, is suspended, removed or its session shut down before; `CancellationError` when
    ///   the task is cancelled.
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

    // MARK: - What to do with it

    /// Goes on.
    public func resume() async { try? await withLifecycle { await $0.setPaused(false) } }

    /// Stops: everybody is sent away, and what is here stays.
    public func pause() async { try? await withLifecycle { await $0.setPaused(true) } }

    /// Peers to try.
    public func add(peers: [PeerEndpoint]) {
        act { life in life.driver.loop.execute { life.driver.handleFound(peers, from: .manual) } }
    }

    /// How much each file is wanted, by index in `TorrentInfo.files`; files that are not named stay as they are.
    ///
    /// - Throws: `TorrentError` where the metadata is not known yet, or a file cannot be made or moved.
    public func setPriorities(_ priorities: [Int: FilePriority]) async throws {
        try await withLifecycle { try await $0.setPriorities(priorities) }
    }

    /// In which order pieces are fetched.
    public func setOrder(_ order: FetchOrder) {
        act { await $0.setOrder(order) }
    }

    /// Verifies everything that is on the disk, as it is now: where a check runs already, another one follows it. Returns
    /// once it is over.
    ///
    /// - Throws: `TorrentError` where the metadata is not known yet, or the disk fails.
    public func recheck() async throws { try await withLifecycle { try await $0.recheck() } }

    /// Moves what is on the disk to another folder.
    ///
    /// - Throws: `TorrentError` where the metadata is not known yet, or the files cannot be moved; they are where
    ///   they were then.
    public func move(to folder: String) async throws { try await withLifecycle { try await $0.move(to: folder) } }
}

extension FetchOrder {
    var mode: PickMode {
        switch self {
        case .rarestFirst: .rarestFirst
        case .inOrder: .inOrder
        }
    }
}

extension FilePriority {
    var piecePriority: PiecePriority {
        switch self {
        case .skip: .skip
        case .low: .low
        case .normal: .normal
        case .high: .high
        }
    }
}

/// One torrent of one session is itself alone.
extension Torrent: Hashable {
    /// Whether both are the same torrent of the same session.
    public static func == (one: Torrent, other: Torrent) -> Bool { one === other }

    /// Hashes its identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
