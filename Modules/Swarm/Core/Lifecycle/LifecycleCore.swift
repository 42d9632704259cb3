// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire

/// Decides what one torrent does while it is awake: opens and checks its content, runs, pauses, fails, recovers, ends.
///
/// `LifecyclePhase` has the states. The user's wish and the queue's turn hold in all of them; what runs follows from the three.
/// Owner: `TorrentLifecycle`, which carries out the actions.
///
/// Invariants: the driver runs only with a turn, and never while the torrent is paused, failed, suspended or being checked, or
/// after its end. What is started is stopped once; sources that are joined are left or rested once. All work that is asked for is
/// begun or refused once, one piece at a time.
struct LifecycleCore {
    /// How a torrent stands when it is added, or wakes.
    struct Beginning {
        /// The metadata is at hand or in the state folder; otherwise peers have to send it.
        var hasMetadata: Bool
        var isPaused = false
        /// The torrent was complete when it became dormant.
        var isExpectedWhole = false
        /// Why the torrent could not be opened when it was last awake.
        var suspension: Suspension?
        /// The torrent has stayed a member of sources while it was dormant.
        var holdsSources = false
        /// The state that was announced last.
        var announced: TorrentState?
    }

    enum Sources {
        case none
        /// Joined before the torrent became dormant.
        case resting
        case joined
    }

    /// The user's wish.
    var isPaused: Bool
    /// The queue's word.
    var hasTurn = false
    var phase: LifecyclePhase
    /// The driver runs.
    var isRunning = false
    var sources: Sources
    private var announced: TorrentState?
    /// Since when nobody has needed the torrent.
    private var idleSince: Instant?
    let limits: SwarmLimits

    init(_ beginning: Beginning, _ limits: SwarmLimits) {
        isPaused = beginning.isPaused
        sources = beginning.holdsSources ? .resting : .none
        announced = beginning.announced
        phase = .added(.init(beginning: beginning))
        self.limits = limits
    }

    /// What the user sees.
    var state: TorrentState { phase.state(isPaused: isPaused, hasTurn: hasTurn) }

    /// How much of the content is here, as far as that has been noted.
    var holding: ContentHolding {
        if case .open(let open) = phase { open.holding } else { .part }
    }

    var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    /// Why nothing can be done with the content.
    var notOpen: TorrentError {
        phase.obstacle?.error ?? TorrentError(.notReady, "the torrent is not open yet")
    }

    // MARK: - Events

    mutating func handle(_ event: LifecycleEvent, into actions: inout [LifecycleAction]) {
        if case .closed = phase {
            if case .asked(let work) = event { actions.append(.refuse(work, notOpen)) }
            return
        }
        switch event {
        case .begun(let hasTurn): begin(hasTurn: hasTurn, into: &actions)
        case .turn(let hasTurn): self.hasTurn = hasTurn
        case .paused: handlePaused(into: &actions)
        case .resumed(let isFinished): handleResumed(isFinished: isFinished, into: &actions)
        case .retry: handleRetry(into: &actions)
        case .metadata: handleMetadata(into: &actions)
        case .opened(let holding): handleOpened(holding, into: &actions)
        case .openingFailed(let error): handleOpeningFailure(error, into: &actions)
        case .openingAbandoned: endOpening(obstacle: nil, into: &actions)
        // Shown by the next status, and no news by itself.
        case .progress(let share): return handleProgress(share)
        case .completed: handleCompleted()
        case .lost(let holding): handleLost(holding, into: &actions)
        case .trouble(let trouble): handleTrouble(trouble, into: &actions)
        case .failed(let error): fail(error, into: &actions)
        case .asked(let work): handleAsked(work, into: &actions)
        case .withdrawn(let work): handleWithdrawn(work, into: &actions)
        case .ended(let work, let holding): handleEnded(work, holding, into: &actions)
        case .closed(let isDormant): return close(isDormant: isDormant, into: &actions)
        }
        settle(into: &actions)
    }

    /// Whether nobody has needed the torrent for `idle`, so it may become dormant. `isNeeded`: the driver has work, or a reader
    /// watches.
    mutating func hasBeenIdle(for idle: Interval, isNeeded: Bool, at now: Instant) -> Bool {
        guard !isNeeded, phase.mayFallDormant else {
            idleSince = nil
            return false
        }
        let since = idleSince ?? now
        idleSince = since
        return now - since >= idle
    }

    /// Starts or stops what must run now, announces the state, and begins the next work.
    private mutating func settle(into actions: inout [LifecycleAction]) {
        let work = nextWork()
        let shouldRun = hasTurn && !isPaused && phase.mayRun(isRunning: isRunning)
        if shouldRun, !isRunning {
            actions += [.startDriver, .joinSources]
            sources = .joined
        } else if !shouldRun, isRunning {
            stop(into: &actions)
        } else if sources == .resting, !mayRunSoon {
            leaveSources(into: &actions)
        }
        isRunning = shouldRun
        let state = state
        if announced != state {
            announced = state
            actions.append(.announce(state))
        }
        if let work { actions.append(.begin(work)) }
    }

    private mutating func nextWork() -> LifecycleWork? {
        guard case .open(var open) = phase, let work = open.line.next() else { return nil }
        open.progress = 0
        phase = .open(open)
        return work
    }

    mutating func stop(into actions: inout [LifecycleAction]) {
        actions.append(.stopDriver)
        leaveSources(into: &actions)
        isRunning = false
    }

    private mutating func leaveSources(into actions: inout [LifecycleAction]) {
        actions.append(.leaveSources)
        sources = .none
    }

    private var mayRunSoon: Bool {
        if case .added = phase { true } else { hasTurn && !isPaused && phase.mayRunSoon }
    }
}
