// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage

/// From the beginning to open content, what the user wants of that, and the end.
extension LifecycleCore {
    mutating func begin(hasTurn: Bool, into actions: inout [LifecycleAction]) {
        guard case .added(let added) = phase else { return }
        self.hasTurn = hasTurn
        let beginning = added.beginning
        guard beginning.hasMetadata else { return phase = .fetchingMetadata(.init()) }
        let obstacle = beginning.suspension.map { LifecycleObstacle.suspended($0) }
        open(.init(isExpectedWhole: beginning.isExpectedWhole, obstacle: obstacle), into: &actions)
    }

    mutating func handleMetadata(into actions: inout [LifecycleAction]) {
        guard case .fetchingMetadata(let fetching) = phase else { return }
        let obstacle = fetching.failure.map { LifecycleObstacle.failed($0) }
        open(.init(isExpectedWhole: false, obstacle: obstacle), into: &actions)
    }

    mutating func handleRetry(into actions: inout [LifecycleAction]) {
        guard case .unopened(let unopened) = phase, unopened.obstacle?.suspension != nil else { return }
        open(unopened, into: &actions)
    }

    /// Opens the content, unless the torrent has failed.
    private mutating func open(_ unopened: LifecyclePhase.Unopened, into actions: inout [LifecycleAction]) {
        guard unopened.obstacle?.failure == nil else { return phase = .unopened(unopened) }
        let suspension = unopened.obstacle?.suspension
        let isShown = !unopened.isExpectedWhole && suspension == nil
        phase = .opening(
            .init(isExpectedWhole: unopened.isExpectedWhole, suspension: suspension, progress: isShown ? 0 : nil)
        )
        actions.append(.open(isExpectedWhole: unopened.isExpectedWhole))
    }

    /// Content that is complete from the start was not completed now: trackers are not told so.
    mutating func handleOpened(_ holding: ContentHolding, into actions: inout [LifecycleAction]) {
        guard case .opening(let opening) = phase else { return }
        phase = .open(.init(holding: holding, line: opening.line))
        actions.append(.remember)
    }

    /// An error that lasts until the user changes something fails the torrent. After any other, opening is tried again, for as
    /// long as it takes.
    mutating func handleOpeningFailure(_ error: TorrentError, into actions: inout [LifecycleAction]) {
        guard case .opening(let opening) = phase else { return }
        if error.isFinal {
            actions += [.log(.failure(error)), .failReaders(error)]
            endOpening(obstacle: .failed(error), into: &actions)
        } else {
            let attemptCount = (opening.suspension?.attemptCount ?? 0) + 1
            let suspension = Suspension(error: error, attemptCount: attemptCount)
            if opening.suspension?.error != error { actions.append(.log(.trouble(error))) }
            actions.append(.retry(after: suspension.pause(limits)))
            endOpening(obstacle: .suspended(suspension), into: &actions)
        }
        actions.append(.remember)
    }

    /// The content is not open, and no longer being opened.
    mutating func endOpening(obstacle: LifecycleObstacle?, into actions: inout [LifecycleAction]) {
        guard case .opening(var opening) = phase else { return }
        let refused = opening.line.removeWaiting()
        phase = .unopened(.init(isExpectedWhole: opening.isExpectedWhole, obstacle: obstacle))
        for work in refused { actions.append(.refuse(work, notOpen)) }
    }

    mutating func handleProgress(_ share: Double) {
        switch phase {
        case .opening(var opening):
            opening.progress = opening.progress.map { max($0, share) }
            phase = .opening(opening)
        case .open(var open):
            open.progress = max(open.progress, share)
            phase = .open(open)
        case .added, .fetchingMetadata, .unopened, .closed: break
        }
    }

    // MARK: - What the user wants

    mutating func handlePaused(into actions: inout [LifecycleAction]) {
        isPaused = true
        actions.append(.remember)
    }

    /// What stood in the way is forgiven: what is missing will be fetched, and what could not be read is verified.
    mutating func handleResumed(isFinished: Bool, into actions: inout [LifecycleAction]) {
        isPaused = false
        actions.append(.remember)
        switch phase {
        case .added, .closed: break
        case .fetchingMetadata: phase = .fetchingMetadata(.init())
        case .unopened(let unopened):
            open(.init(isExpectedWhole: unopened.isExpectedWhole && unopened.obstacle == nil), into: &actions)
        case .opening(var opening):
            if opening.suspension != nil { (opening.isExpectedWhole, opening.suspension) = (false, nil) }
            phase = .opening(opening)
        case .open(var open):
            open.failure = nil
            if open.trouble?.stopsSharing == true, open.line.running != .checkAfterTrouble {
                open.line.append(.checkAfterTrouble)
            }
            // The torrent may have failed because a file could not have its name.
            if open.holding == .part, isFinished { open.line.append(.completion) }
            phase = .open(open)
        }
    }

    // MARK: - The end

    mutating func close(isDormant: Bool, into actions: inout [LifecycleAction]) {
        switch phase {
        case .opening(var opening):
            actions.append(.cancelOpening)
            for work in opening.line.removeWaiting() { actions.append(.refuse(work, notOpen)) }
        case .open(var open):
            if let running = open.line.running { actions.append(.cancel(running)) }
            for work in open.line.removeWaiting() where work.hasCaller { actions.append(.refuse(work, notOpen)) }
        case .added, .fetchingMetadata, .unopened, .closed: break
        }
        phase = .closed(.init(last: state))
        if isRunning { actions.append(.stopDriver) }
        if sources != .none { actions.append(isDormant ? .restSources : .leaveSources) }
        (isRunning, sources) = (false, .none)
    }
}
