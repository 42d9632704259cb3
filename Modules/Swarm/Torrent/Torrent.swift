// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
public import RucheWire
internal import Synchronization

/// One torrent of a session: what the user sees of it, and may do with it.
///
/// A handle: it may be kept and called from anywhere. The work is done by its `SwarmDriver` on its loop, and by its
/// `TorrentLifecycle`.
public final class Torrent: Sendable {
    /// Its names.
    public let hashes: InfoHashes

    let driver: SwarmDriver
    let lifecycle: TorrentLifecycle
    private let snapshot: Mutex<Snapshot>
    private let feed = EventFeed<TorrentStatus>(bufferLimit: 1)

    private struct Snapshot {
        var status: TorrentStatus
        var metainfo: Metainfo?
    }

    init(_ origin: TorrentOrigin, options: AddOptions, session: Session, loop: any EventLoop) {
        hashes = origin.hashes
        var logger = session.logger
        logger[metadataKey: "torrent"] = "\(origin.name)"
        let identity = SwarmCore.Identity(
            hashes: origin.hashes,
            peerID: session.peerID,
            listenPort: session.port,
            clientName: session.configuration.clientName
        )
        driver = SwarmDriver(identity: identity, environment: session.environment, loop: loop, logger: logger)
        let state: TorrentState = origin.metainfo == nil ? .fetchingMetadata : .queued
        snapshot = Mutex(
            Snapshot(status: TorrentStatus(state: state, name: origin.name), metainfo: origin.metainfo)
        )
        lifecycle = TorrentLifecycle(origin, options: options, session: session, driver: driver, logger: logger)
        lifecycle.attach(self)
    }

    // MARK: - What it is

    /// How it stands, at most half a second ago.
    public var currentStatus: TorrentStatus { snapshot.withLock { $0.status } }

    /// How it stands, now and then, about twice a second; ends when it is removed or the session shuts down.
    public var status: AsyncStream<TorrentStatus> { feed.subscribe() }

    /// Its metadata with piece layers; nil until it is known.
    public var metainfo: Metainfo? { snapshot.withLock { $0.metainfo } }

    /// Returns once all that is wanted is here and verified. Throws `TorrentError` if it fails or is removed before, or
    /// `CancellationError`.
    public func finished() async throws {
        for await status in status {
            switch status.state {
            case .seeding: return
            case .failed(let error): throw error
            default: continue
            }
        }
        try Task.checkCancellation()
        if case .seeding = currentStatus.state { return }
        throw TorrentError(.removed, "the torrent was removed before it was complete")
    }

    // MARK: - What to do with it

    /// Goes on.
    public func resume() async { await lifecycle.setPaused(false) }

    /// Stops: everybody is sent away, and what is here stays.
    public func pause() async { await lifecycle.setPaused(true) }

    /// Peers to try.
    public func add(peers: [PeerEndpoint]) {
        driver.loop.execute { [driver] in driver.handleFound(peers, from: .manual) }
    }

    /// How much each file is wanted, by index in `TorrentInfo.files`; files that are not named stay as they are.
    public func setPriorities(_ priorities: [Int: FilePriority]) async throws {
        try await lifecycle.setPriorities(priorities)
    }

    /// In which order pieces are fetched.
    public func setOrder(_ order: FetchOrder) {
        driver.loop.execute { [driver] in driver.withCore { core, _ in core.setMode(order.mode) } }
    }

    /// Verifies everything that is on the disk.
    public func recheck() async throws { try await lifecycle.recheck() }

    /// Moves what is on the disk to another folder.
    public func move(to folder: String) async throws { try await lifecycle.move(to: folder) }

    // MARK: - Inside

    func publish(_ status: TorrentStatus) {
        snapshot.withLock { $0.status = status }
        feed.send(status)
    }

    func setMetainfo(_ metainfo: Metainfo) { snapshot.withLock { $0.metainfo = metainfo } }

    func finishFeed() { feed.finish() }
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
