// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// Carries out what `LifecycleCore` decides for one torrent while it is awake: opens its content, starts and stops its driver,
/// joins and leaves its sources, notes how it stands.
///
/// An actor on the driver's loop: all that it does with the driver is a plain call. Owner: its torrent, of which it knows only a
/// `LifecycleHost`; a torrent that becomes dormant lets go of it, and makes a new one when it wakes.
actor TorrentLifecycle {
    nonisolated let driver: SwarmDriver
    nonisolated let snapshot: TorrentSnapshot
    private nonisolated let executor: any SerialExecutor
    let services: TorrentServices
    weak let host: (any LifecycleHost)?
    let number: Int
    let record: TorrentRecord
    let logger: Logger

    var core: LifecycleCore
    var content: OpenContent?
    var metainfo: Metainfo?
    /// What the torrent has joined, and what it has stayed a member of while it was dormant.
    var sources: JoinedSources
    /// The trackers' part in `sources`.
    var trackerMembership: TrackerMembership?
    /// Trackers that could not be told of a completion when they were left.
    var untoldCompletion: [String]?
    /// How far the torrent had been announced while it was dormant, until it is announced again.
    var restingSchedule: RestingSchedule?
    var gauges: TorrentGauges?

    /// What callers have asked for and wait for.
    var calls: [LifecycleTicket: LifecycleCall] = [:]
    private var ticketCount = 0
    /// What is still to be written to the catalogue.
    var dueNotes: [LifecycleNote] = []

    private var ticks: RepeatedTask?
    var parsing: Task<Void, Never>?
    var opening: Task<Void, Never>?
    var working: Task<Void, Never>?
    var noting: Task<Void, Never>?
    var leaving: Task<Void, Never>?
    var naming: Task<Void, Never>?
    /// Raised once nobody waits for metadata to be parsed, or for files to be made.
    let isOpeningUnwanted = RaisedFlag()

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        _ host: any LifecycleHost,
        _ number: Int,
        _ record: TorrentRecord,
        _ resting: RestingSources,
        _ driver: SwarmDriver,
        _ services: TorrentServices
    ) {
        self.host = host
        self.number = number
        self.record = record
        self.driver = driver
        self.services = services
        executor = driver.loop.executor
        logger = driver.logger
        sources = resting.joined
        restingSchedule = resting.schedule
        metainfo = record.origin.metainfo
        var status = record.status
        if !record.hasMetadata { status.state = .fetchingMetadata }
        snapshot = TorrentSnapshot(status, record.origin.metainfo)
        core = LifecycleCore(
            .init(
                hasMetadata: record.hasMetadata,
                isPaused: record.options.isPaused,
                isExpectedWhole: record.wasDormant,
                suspension: record.suspension,
                holdsSources: !resting.joined.isEmpty,
                announced: record.wasDormant ? status.state : nil
            ),
            services.environment.limits
        )
    }

    var origin: TorrentOrigin { record.origin }
    var options: AddOptions { record.options }

    /// Whether the torrent may become dormant.
    var canBeDormant: Bool { options.canBeRemembered && services.notebook != nil }

    /// Does `body` once a torrent that was dormant is open again; for any other, at once.
    func perform<R: Sendable>(
        _ body: @Sendable (isolated TorrentLifecycle) async throws -> R
    ) async rethrows -> R {
        begin()
        if record.wasDormant { await opening?.value }
        return try await body(self)
    }

    /// Opens the content if the metadata is there, else looks for peers that have it. Does nothing the second time.
    private func begin() {
        guard case .added = core.phase else { return }
        listenToDriver()
        lookUpNamedPeers()
        handle(.begun(hasTurn: services.hasTurn(number)))
        publishStatus()
        let interval = TimeAmount(SwarmTiming.status)
        ticks = driver.loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { [weak self] _ in
            self?.assumeIsolated { $0.tick() }
        }
    }

    /// Ends what goes on by itself.
    func endTicks() {
        ticks?.cancel()
        ticks = nil
        naming?.cancel()
    }

    // MARK: - Events and actions

    func handle(_ event: LifecycleEvent) {
        var actions: [LifecycleAction] = []
        core.handle(event, into: &actions)
        for action in actions { carryOut(action) }
    }

    /// The queue lets the torrent run, or has it wait. From any thread; asked on the loop, so that of two changes the last one
    /// holds.
    nonisolated func refreshTurn() {
        onLoop { $0.handle(.turn($0.services.hasTurn($0.number))) }
    }

    private func carryOut(_ action: LifecycleAction) {
        switch action {
        case .open(let isExpectedWhole): opening = start { await $0.openContent(isExpectedWhole: isExpectedWhole) }
        case .cancelOpening:
            isOpeningUnwanted.raise()
            opening?.cancel()
        case .startDriver: driver.start()
        case .stopDriver: driver.stop()
        case .joinSources: joinSources()
        case .leaveSources: leaveSources()
        case .restSources: restSources()
        case .noteWhole: sources.note(.completed)
        case .failReaders(let error): driver.failReaders(error)
        case .begin(let work): working = start { await $0.carryOut(work) }
        case .cancel: working?.cancel()
        case .refuse(let work, let error): refuse(work, error)
        case .retry(let pause): services.recovery.add(number, after: pause)
        case .announce(let state):
            // Published first, so observers never see a seed with missing pieces.
            publishStatus()
            host?.handle(state)
        case .remember: remember()
        case .log(let notice): log(notice)
        }
    }

    private func log(_ notice: LifecycleNotice) {
        switch notice {
        case .complete: logger.info("complete")
        case .failure(let error), .trouble(let error): logger.error("\(error)")
        case .recovered: logger.notice("the disk works again")
        }
    }

    // MARK: - On the loop

    /// Does `body` on the loop, in the order of the calls. From any thread.
    nonisolated func onLoop(_ body: @escaping @Sendable (isolated TorrentLifecycle) -> Void) {
        driver.loop.execute { self.assumeIsolated { body($0) } }
    }

    /// Starts work on the loop that suspends now and then.
    func start(_ body: @escaping @Sendable (isolated TorrentLifecycle) async -> Void) -> Task<Void, Never> {
        Task { await body(self) }
    }

    /// The loop's time.
    var now: Instant { Instant(driver.loop.now) }

    /// Waits for `future`, without leaving the loop.
    func wait<Value: Sendable>(for future: EventLoopFuture<Value>) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            future.whenComplete { continuation.resume(with: $0) }
        }
    }

    func makeTicket() -> LifecycleTicket {
        ticketCount += 1
        return LifecycleTicket(number: ticketCount)
    }
}

extension TorrentRecord {
    /// The metadata is at hand, or saved.
    var hasMetadata: Bool { origin.metainfo != nil || origin.isSaved }

    /// A logger whose lines name the torrent.
    func logger(_ base: Logger) -> Logger {
        var logger = base
        logger[metadataKey: "torrent"] = "\(origin.name.escapedForDisplay)"
        return logger
    }
}
