// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTransport
internal import RucheWire

/// Gives one torrent's core its sockets, its disk and its clock.
///
/// It lives on one event loop: every method is called there, and nothing in it is ever accessed from elsewhere, which
/// is the only reason why it is `Sendable`. Events go to the core, whose effects are executed by `drain`, once per
/// batch, with one flush for each socket that was written to.
final class SwarmDriver: @unchecked Sendable {  // loop-confined: see above
    let loop: any EventLoop
    let environment: SwarmEnvironment
    let logger: Logger
    let offenders: OffenderLog
    var core: SwarmCore
    private var batch = SwarmBatch(at: .now)
    private var isDraining = false

    /// All connections, with and without a slot, and those with one by slot.
    var handlers = PositionedList<PeerStreamHandler>()
    var handlersBySlot: [PeerSlot: PeerStreamHandler] = [:]
    /// The same for HTTP servers, which are not connections.
    var webSeedURLs: [String] = []
    var webSeeds: [WebSeedPeer] = []
    var webSeedsBySlot: [PeerSlot: WebSeedPeer] = [:]
    private var dirty: [PeerStreamHandler] = []
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
    var uploadTurn = 0
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
    private var nextCheckpointAt = Instant.zero
    var isCheckpointing = false
    var storedSinceCheckpoint = 0
    /// Reports to the owner, the torrent.
    var report: (SwarmReport) -> Void = { _ in }

    init(
        identity: SwarmCore.Identity,
        environment: SwarmEnvironment,
        loop: any EventLoop,
        logger: Logger
    ) {
        self.loop = loop
        self.environment = environment
        self.logger = logger
        offenders = OffenderLog(logger: logger)
        let limits = environment.limits
        core = SwarmCore(
            identity: identity,
            limits: limits,
            network: environment.network,
            seed: environment.makeSeed(),
            at: .now
        )
        slabs = SlabPool(keptBytesLimit: environment.receiving.shareBytes)
        sendBuffers = SendBufferPool(limitBytes: limits.sendBufferBytesPerLoop)
        budget = TransferBudget(environment)
        health = DiskHealth(limits)
    }

    // MARK: - Life

    func start() {
        loop.assertInEventLoop()
        tell { $0.handleStarted(in: &$1) }
        lookAfterMemory()
        drain()
        lookAfterWebSeeds(at: .now)
        guard ticks == nil else { return }
        let interval = TimeAmount(SwarmTiming.tick)
        ticks = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in self?.tick() }
    }

    /// Disconnects all peers. The content stays open.
    func stop() {
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
        let now = Instant.now
        dropDribblers(at: now)
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
        handlers.isEmpty && webSeedsBySlot.isEmpty && adoptionCount == 0 && core.dialing.isEmpty && jobCount == 0
            && judging.isIdle
    }

    // MARK: - Events

    /// Handles opened content: pieces can be downloaded and uploaded.
    func handleContent(_ opening: ContentOpening, _ disk: TorrentDisk) {
        loop.assertInEventLoop()
        self.disk = disk
        buffers = PieceBuffers(geometry: opening.geometry)
        for handler in handlers.all { handler.setPieceCount(opening.geometry.pieceCount) }
        tell { $0.handleContent(opening, in: &$1) }
        lookAfterMemory()
        drain()
    }

    func handleFound(_ endpoints: [PeerEndpoint], from origins: PeerOrigins) {
        loop.assertInEventLoop()
        tell { $0.handleFound(endpoints, from: origins, in: &$1) }
        drain()
    }

    /// Reports an event to the core. The next `drain` executes its effects.
    @inline(__always)
    func tell<Answer>(at now: Instant = .now, _ event: (inout SwarmCore, inout SwarmBatch) -> Answer) -> Answer {
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

    // MARK: - Draining

    /// Executes the core's effects, then flushes each socket once. What sockets accept at once may lead to more.
    func drain() {
        guard !isDraining else { return }
        isDraining = true
        repeat {
            tell { $0.settle(in: &$1) }
            var index = 0
            while index < batch.effects.count {
                perform(batch.effects[index])
                index += 1
            }
            batch.removeAll()
            while let handler = dirty.popLast() { handler.flush() }
        } while !batch.effects.isEmpty
        isDraining = false
    }

    func markDirty(_ handler: PeerStreamHandler) {
        guard !handler.isDirty else { return }
        handler.isDirty = true
        dirty.append(handler)
    }

    private func perform(_ effect: SwarmEffect) {
        switch effect {
        case .send(let slot, let message): send(message, to: slot)
        case .upload(let slot): if let handler = handlersBySlot[slot] { pumpUploads(handler) }
        case .judge(let piece, let wantsDigests): judge(piece, wantsDigests: wantsDigests)
        case .discard(let piece): buffers?.discard(piece, to: &slabs)
        case .disconnect(let slot, let reason): disconnect(slot, reason)
        case .dial(let endpoint): dial(endpoint)
        case .dialOver(let kind, let endpoint): dial(endpoint, over: kind)
        case .readLeaves(let slot, let request, let piece): readLeaves(of: piece, for: request, to: slot)
        case .makeTree(let root, let layer, let height): makeTree(of: root, layer, at: height)
        case .metadataComplete(let bytes): report(.metadata(bytes))
        case .judgeMetadata(let candidate, let parts): judgeMetadata(parts, of: candidate)
        case .pieceLayersComplete(let layers):
            disk?.learn(layers)
            report(.pieceLayers(layers))
        case .reading(let id, let news): handleReading(id, news)
        case .store(let piece, let bytes): store(bytes, as: piece)
        case .reshaped(let shape, let verifier): reshape(shape, verifier)
        case .shapeRefused(let shape): logger.error("the content broke the rules of shapes: \(shape)")
        case .extensionReport(let name, let report): extensionReaders[name]?(report)
        case .completed: report(.completed)
        case .contradiction(let piece): report(.contradiction(piece))
        case .misbehaved(let endpoint, let misbehaviour):
            offenders.note(endpoint, misbehaviour.rawValue)
        case .snubbed(let endpoint): offenders.note(endpoint, "it owes us blocks and sends none in time")
        case .banned(let address): logger.warning("banned \(address)")
        case .standing(let slot, let isBusy): handlersBySlot[slot]?.connection.place.note(isBusy ? .busy : .idle)
        case .webSeedWrong(let number, let piece): handleWrong(piece, ofWebSeed: number)
        }
    }

    private func send(_ message: PeerMessage, to slot: PeerSlot) {
        guard let handler = handlersBySlot[slot] else {
            webSeedsBySlot[slot]?.send(message)
            return tell { $0.handleTaken(message.byteCount, by: slot, in: &$1) }
        }
        handler.enqueue(message)
        markDirty(handler)
    }

    /// Handles bytes of messages that the socket has accepted.
    func handleTaken(_ byteCount: Int, by handler: PeerStreamHandler) {
        guard let slot = handler.slot else { return }
        tell { $0.handleTaken(byteCount, by: slot, in: &$1) }
        drain()
    }
}
