// SPDX-License-Identifier: Apache-2.0

import RucheStorage
import RucheWire
import Testing

@testable import RucheSwarm

/// A lifecycle's core with an owner that carries out its actions on paper, and holds them to the core's invariants.
struct LifecycleBench {
    private(set) var core: LifecycleCore
    /// What the last event led to.
    private(set) var actions: [LifecycleAction] = []

    private(set) var isDriverRunning = false
    private(set) var isOpening = false
    private var sources: Sources
    private(set) var running: LifecycleWork?
    /// Work that was asked for, and neither begun nor refused.
    private(set) var pending: Set<LifecycleWork> = []
    private(set) var completions = 0
    private(set) var announced: [TorrentState] = []
    private var hasTurn = false

    private enum Sources { case none, resting, joined }

    static let limits: SwarmLimits = {
        var limits = SwarmLimits()
        limits.reopeningPause = .seconds(1)
        limits.longestReopeningPause = .seconds(5)
        return limits
    }()

    init(_ beginning: LifecycleCore.Beginning) {
        core = LifecycleCore(beginning, Self.limits)
        sources = beginning.holdsSources ? .resting : .none
    }

    /// A torrent whose content is open.
    static func open(_ holding: ContentHolding) -> LifecycleBench {
        var bench = LifecycleBench(.init(hasMetadata: true))
        bench.send(.begun(hasTurn: true))
        bench.send(.opened(holding))
        return bench
    }

    mutating func send(_ event: LifecycleEvent) {
        let wasClosed = core.isClosed
        note(event)
        actions = []
        core.handle(event, into: &actions)
        for action in actions {
            if wasClosed { #expect(action.isRefusal, "\(action) after the end") }
            perform(action)
        }
        expectInvariants()
    }

    mutating func hasBeenIdle(for idle: Interval, isNeeded: Bool, at now: Instant) -> Bool {
        core.hasBeenIdle(for: idle, isNeeded: isNeeded, at: now)
    }

    /// What the owner knows of an event before the core does.
    private mutating func note(_ event: LifecycleEvent) {
        switch event {
        case .opened, .openingFailed, .openingAbandoned: isOpening = false
        case .asked(let work): pending.insert(work)
        case .ended(let work, _): if running == work { running = nil }
        case .begun(let turn): if case .added = core.phase { hasTurn = turn }
        case .turn(let turn): hasTurn = turn
        default: break
        }
    }

    private mutating func perform(_ action: LifecycleAction) {
        switch action {
        case .open:
            #expect(!isOpening, "opened twice at once")
            isOpening = true
        case .cancelOpening: #expect(isOpening)
        case .startDriver:
            #expect(!isDriverRunning, "started twice")
            isDriverRunning = true
        case .stopDriver:
            #expect(isDriverRunning, "stopped twice")
            isDriverRunning = false
        case .joinSources:
            #expect(sources != .joined, "joined twice")
            sources = .joined
        case .leaveSources, .restSources:
            #expect(sources != .none, "left twice")
            sources = .none
        case .noteWhole: completions += 1
        case .begin(let work):
            #expect(running == nil, "two pieces of work at once")
            take(work)
            running = work
        case .cancel(let work): #expect(running == work)
        case .refuse(let work, _): take(work)
        case .announce(let state):
            #expect(announced.last != state, "announced twice")
            announced.append(state)
        case .failReaders, .retry, .remember, .log: break
        }
    }

    /// The content is open and can be read, so it is shared although it cannot be written to.
    private var isSharing: Bool {
        if case .open(let open) = core.phase { open.trouble?.stopsSharing == false } else { false }
    }

    private mutating func take(_ work: LifecycleWork) {
        guard work.hasCaller else { return }
        let wasPending = pending.remove(work) != nil
        #expect(wasPending, "\(work) was begun or refused twice")
    }

    private func expectInvariants() {
        #expect(isDriverRunning == (sources == .joined), "sources are members while the driver runs")
        if isDriverRunning {
            #expect(hasTurn && !core.isPaused && !core.isClosed, "running without leave to")
            switch core.state {
            case .paused, .failed: Issue.record("running while \(core.state)")
            case .suspended: #expect(isSharing, "running while suspended")
            case .checking: #expect(isOpening, "running while a check reads what is stored")
            case .fetchingMetadata, .queued, .downloading, .seeding: break
            }
        }
        if core.isClosed { #expect(!isDriverRunning && sources == .none && pending.isEmpty, "something is left over") }
        if case .open = core.phase {} else if !core.isClosed { #expect(running == nil) }
    }
}

extension LifecycleAction {
    fileprivate var isRefusal: Bool {
        if case .refuse = self { true } else { false }
    }
}

extension TorrentError {
    static let passing = TorrentError(StorageError(.diskGone, operation: "open", path: "film.mkv", reason: "as told"))
    static let final = TorrentError(.contradiction, "as told")
}

extension DiskTrouble {
    static func make(_ code: StorageError.Code = .io, stopsSharing: Bool = false, isFinal: Bool = false) -> DiskTrouble
    {
        DiskTrouble(
            error: StorageError(code, operation: "write", path: "film.mkv", reason: "as told"),
            stopsSharing: stopsSharing,
            isFinal: isFinal
        )
    }
}
