// SPDX-License-Identifier: Apache-2.0

package import Logging
package import NIOCore
internal import RucheStorage
internal import RucheTransport
package import RucheWire

/// Gives one torrent's core its sockets, its disk and its clock.
///
/// It lives on one event loop: every method is called there, and nothing in it is ever accessed from elsewhere, which
/// is the only reason why it is `Sendable`. Events go to the core, whose effects are executed by `drain`, once per
/// batch, with one flush for each socket that was written to.
package final class SwarmDriver: @unchecked Sendable {  // loop-confined: see above
    let loop: any EventLoop
    let environment: SwarmEnvironment
    let logger: Logger
    let offenders: OffenderLog
    package internal(set) var core: SwarmCore
    var batch: SwarmBatch
    var isDraining = false

    /// All connections, with and without a slot, and those with one by slot.
    var handlers = PositionedList<PeerStreamHandler>()
    var handlersBySlot: [PeerSlot: PeerStreamHandler] = [:]
    /// Those whose handshakes are under way.
    var openings: [OpeningID: PeerStreamHandler] = [:]
    /// The same for HTTP servers, which are not connections.
    var webSeedURLs: [String] = []
    var webSeeds: [WebSeedPeer] = []
    var webSeedsBySlot: [PeerSlot: WebSeedPeer] = [:]
    var dirty: [PeerStreamHandler] = []
    /// Incoming connections on their way to this loop.
    var adoptionCount = 0

    var disk: TorrentDisk?
    var buffers: PieceBuffers?
    /// The store was asked to drop the pieces before this one.
    var trimmedCount = 0
    var slabs: SlabPool
    var spareBlocks = SpareBlocks()
    /// It counts among those that share the session's memory for receiving.
    var isInReceiveBudget = false
    var budget: TransferBudget
    var isBudgetAwaited = false
    /// Which waiting peer is served first when the upload limit allows.
    var uploadTurns = RoundRobin()
    /// Which peer's bytes are read first when the download limit has room again.
    var readTurns = RoundRobin()
    var sendBuffers: SendBufferPool
    /// Bytes read for peers and not yet accepted by sockets, all peers together.
    var sendingByteCount = 0
    var judging = JudgeQueue()
    var isGatheringAwaited = false
    /// The pool was full, and is asked again soon.
    var isRoomAwaited = false
    /// Jobs of ours on the blocking pool, and waiters until there are none.
    private var jobCount = 0
    private var idleWaiters: [EventLoopPromise<Void>] = []

    /// Readers that wait for a piece.
    var reading: [ReaderID: WaitingRead] = [:]
    private var readerCount = 0

    /// The receivers of extensions' reports.
    var extensionReaders: [ExtensionName: @Sendable (any Sendable) -> Void] = [:]

    var health: DiskHealth
    /// The disk trouble last reported to the torrent.
    var reportedTrouble: DiskTrouble?
    /// When the disk is tried again; nil while nothing is due.
    var attemptAt: Instant?

    private var ticks: RepeatedTask?
    /// Torrents that are started together do not tick together.
    private let firstTickAfter: Interval
    private var nextCheckpointAt = Instant.zero
    var isCheckpointing = false
    var storedSinceCheckpoint = 0
    /// Reports to the owner, the torrent.
    package var report: (SwarmReport) -> Void = { _ in }

    package init(
        identity: SwarmCore.Identity,
        environment: SwarmEnvironment,
        loop: any EventLoop,
        logger: Logger
    ) {
        self.loop = loop
        self.environment = environment
        self.logger = logger
        offenders = OffenderLog(logger: logger, clock: loop)
        let limits = environment.limits
        let now = Instant(loop.now)
        var random = environment.runtime.makeRandom()
        core = SwarmCore(
            identity: identity,
            limits: limits,
            network: environment.network,
            seed: random.next(),
            at: now
        )
        firstTickAfter = Interval(nanoseconds: .random(in: 0..<SwarmTiming.tick.nanoseconds, using: &random))
        batch = SwarmBatch(at: now)
        slabs = SlabPool(keptBytesLimit: environment.receiving.shareBytes)
        sendBuffers = SendBufferPool(limitBytes: limits.sendBufferBytesPerLoop)
        budget = TransferBudget(environment)
        health = DiskHealth(limits)
    }

    /// The time by the loop's clock, the only one here.
    var now: Instant { Instant(loop.now) }

    // MARK: - Life

    package func start() {
        loop.assertInEventLoop()
        tell { $0.handleStarted(in: &$1) }
        lookAfterMemory()
        drain()
        lookAfterWebSeeds(at: now)
        guard ticks == nil else { return }
        let interval = TimeAmount(SwarmTiming.tick)
        ticks = loop.scheduleRepeatedTask(initialDelay: TimeAmount(firstTickAfter), delay: interval) { [weak self] _ in
            self?.tick()
        }
    }

    /// Disconnects all peers. The content stays open.
    package func stop() {
        loop.assertInEventLoop()
        ticks?.cancel()
        ticks = nil
        tell { $0.handleStopped(in: &$1) }
        drain()
        for handler in handlers.all { handler.close() }
        endWebSeeds()
        abandonUnstored()
        budget.stop()
        lookAfterMemory()
    }

    /// Disconnects all peers. Completes once no pool thread works for this torrent any more.
    func stopAndWait() -> EventLoopFuture<Void> {
        stop()
        let promise = loop.makePromise(of: Void.self)
        idleWaiters.append(promise)
        releaseIdleWaiters()
        return promise.futureResult
    }

    /// Runs `job` on the blocking pool and returns its result on the loop.
    func submit<Output: Sendable>(
        _ job: @escaping @Sendable () throws -> Output,
        then handle: @escaping (Result<Output, any Error>) -> Void
    ) {
        jobCount += 1
        environment.runtime.blocking.submit(completingOn: loop, job).assumeIsolated().whenComplete { [self] result in
            handle(result)
            jobCount -= 1
            releaseIdleWaiters()
        }
    }

    private func releaseIdleWaiters() {
        // Between two jobs of a piece, or while pieces are collected, there may be none.
        guard jobCount == 0, judging.isIdle else { return }
        let waiters = idleWaiters
        idleWaiters = []
        for waiter in waiters { waiter.succeed() }
    }

    private func tick() {
        let now = now
        lookAfterWebSeeds(at: now)
        tell(at: now) { $0.handleTick(in: &$1) }
        drain()
        discardStrayBuffers()
        lookAfterMemory()
        if now >= nextCheckpointAt, health.allowsCheckpoint {
            nextCheckpointAt = now + SwarmTiming.checkpoint
            checkpoint()
        }
    }

    /// Whether no peer is connected, or about to be.
    var isIdle: Bool {
        handlers.isEmpty && webSeedsBySlot.isEmpty && adoptionCount == 0 && core.connections.dialing.isEmpty
            && jobCount == 0
            && judging.isIdle
    }

    // MARK: - Events

    /// Handles opened content: pieces can be downloaded and uploaded.
    package func handleContent(_ opening: ContentOpening, _ disk: TorrentDisk) {
        loop.assertInEventLoop()
        self.disk = disk
        buffers = PieceBuffers(geometry: opening.geometry)
        for handler in handlers.all { handler.setPieceCount(opening.geometry.pieceCount) }
        tell { $0.handleContent(opening, in: &$1) }
        lookAfterMemory()
        drain()
    }

    package func handleFound(_ endpoints: [PeerEndpoint], from origins: PeerOrigins) {
        loop.assertInEventLoop()
        tell { $0.handleFound(endpoints, from: origins, in: &$1) }
        drain()
    }

    /// Reports an event to the core. The next `drain` executes its effects.
    @inline(__always)
    func tell<Answer>(_ event: (inout SwarmCore, inout SwarmBatch) -> Answer) -> Answer { tell(at: now, event) }

    /// The same where the time is known.
    @inline(__always)
    func tell<Answer>(at now: Instant, _ event: (inout SwarmCore, inout SwarmBatch) -> Answer) -> Answer {
        batch.now = now
        return event(&core, &batch)
    }

    /// Changes the core outside of its events, for example priorities.
    func withCore(_ body: (inout SwarmCore, inout SwarmBatch) -> Void) {
        loop.assertInEventLoop()
        tell(body)
        drain()
    }

    func handleMessage(_ message: PeerMessage, from slot: PeerSlot, at now: Instant) {
        tell(at: now) { $0.handleMessage(message, from: slot, in: &$1) }
    }

    func makeReaderID() -> ReaderID {
        readerCount += 1
        return ReaderID(readerCount)
    }
}
