// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// One content of a session while it is shared, of any type: driver, store and sources of peers.
///
///     opened ── start ──▶ shared ── leave ──▶ left
///
/// Owner: the session's `ContentTable`, and the `SharedContent` in the user's hands.
final class ContentSwarm: Sendable {
    let name: ExtensionName
    let hashes: InfoHashes
    let driver: SwarmDriver
    private let state = Locked(State.opened)
    private let finishFeed: @Sendable () -> Void
    private let forget: @Sendable (ContentSwarm) -> Void

    private enum State: Sendable {
        case opened
        case shared(JoinedSources, lookAfter: Task<Void, Never>)
        case left
    }

    init(
        _ seed: ContentSeed,
        _ driver: SwarmDriver,
        finishFeed: @escaping @Sendable () -> Void,
        forget: @escaping @Sendable (ContentSwarm) -> Void
    ) {
        name = seed.name
        hashes = seed.hashes
        self.driver = driver
        self.finishFeed = finishFeed
        self.forget = forget
    }

    // MARK: - Life

    /// Lets the swarm look for peers in `sources`.
    func start(_ sources: JoinedSources, _ peers: [PeerEndpoint]) {
        let task = Task { [weak self] in
            while !Task.isCancelled, let self {
                await lookAfterPeers()
                try? await Task.sleep(nanoseconds: UInt64(SwarmTiming.status.nanoseconds))
            }
        }
        let isStarted = state.withLock { state in
            guard case .opened = state else { return false }
            state = .shared(sources, lookAfter: task)
            return true
        }
        guard isStarted else {
            task.cancel()
            return sources.leave()
        }
        driver.loop.execute { [driver] in
            driver.start()
            driver.handleFound(peers, from: .manual)
        }
    }

    /// Takes over an incoming connection for this swarm.
    func adopt(_ incoming: IncomingPeer) {
        driver.loop.execute { [driver] in driver.adopt(incoming) }
    }

    func leave() async {
        let old = state.withLock { state in
            defer { state = .left }
            return state
        }
        if case .left = old { return }
        forget(self)
        if case .shared(let sources, let task) = old {
            task.cancel()
            await sources.leaveAndWait()
        }
        let disk = try? await driver.loop.flatSubmit { [driver] in driver.stopAndWait() }.flatMapThrowing {
            [driver] in driver.disk
        }.get()
        driver.loop.execute { [driver] in driver.failReaders(Self.hasEnded) }
        if let disk {
            try? await driver.environment.runtime.blocking.perform { try disk.close(ResumeTotals()) }
        }
        finishFeed()
    }

    /// Asks the sources early while there are too few peers.
    private func lookAfterPeers() async {
        let isShort = try? await driver.loop.submit { [driver] in driver.core.isShortOfPeers(at: .now) }.get()
        guard isShort == true else { return }
        state.withLock { if case .shared(let sources, _) = $0 { sources.note(.needsPeers) } }
    }

    // MARK: - Calls

    /// Calls `body` on the loop.
    func perform<Output: Sendable>(
        _ body: @escaping @Sendable (SwarmDriver) -> Output
    ) async throws(TorrentError) -> Output {
        guard !hasLeft else { throw Self.hasEnded }
        do {
            return try await driver.loop.submit { [driver] in body(driver) }.get()
        } catch {
            throw TorrentError(error)
        }
    }

    func read(_ piece: PieceIndex) async throws -> [UInt8] {
        let id = try await perform { $0.makeReaderID() }
        return try await withTaskCancellationHandler {
            try await driver.loop.flatSubmit { [driver] in driver.readWhole(piece, for: id) }.get()
        } onCancel: { [driver] in
            driver.loop.execute { driver.endReading(id) }
        }
    }

    private var hasLeft: Bool {
        state.withLock { if case .left = $0 { true } else { false } }
    }

    static let hasEnded = TorrentError(.removed, "the content is no longer shared")
}
