// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage

/// What a torrent is about, with what stands in its way.
///
///     added ─┬─▶ fetchingMetadata ──metadata──┐
///            └────────────────────────────────┴─▶ opening ──opened──▶ open
///                                                  │   ▲
///                                           failed ▼   │ retry, resumed
///                                                 unopened                    closed: from anywhere
enum LifecyclePhase {
    case added(Added)
    case fetchingMetadata(FetchingMetadata)
    case unopened(Unopened)
    case opening(Opening)
    case open(Open)
    case closed(Closed)

    /// Nothing has begun.
    struct Added {
        let beginning: LifecycleCore.Beginning
    }

    /// A magnet whose metadata has to come from peers.
    struct FetchingMetadata {
        var failure: TorrentError?
    }

    /// The content was tried, and could not be opened.
    struct Unopened {
        /// The torrent was complete when it was last seen.
        var isExpectedWhole: Bool
        var obstacle: LifecycleObstacle?
    }

    /// The content is being opened and checked.
    struct Opening {
        var isExpectedWhole: Bool
        /// Why the last attempt failed.
        var suspension: Suspension?
        /// The share that is checked; nil if the check is not shown: the torrent goes on seeding, or stays suspended.
        var progress: Double?
        /// Checks that follow the opening.
        var line = WorkLine()
    }

    /// The content is open.
    struct Open {
        var holding: ContentHolding
        var failure: TorrentError?
        /// What the driver fails at, and tries again.
        var trouble: DiskTrouble?
        var line = WorkLine()
        /// The share that the running check has done.
        var progress = 0.0

        var isChecking: Bool { line.running?.isCheck == true }
    }

    struct Closed {
        /// The state that the torrent was in at the end.
        let last: TorrentState
    }
}

/// What stands in a torrent's way.
enum LifecycleObstacle {
    /// It is tried again, now and then.
    case suspended(Suspension)
    /// The user has to mend it.
    case failed(TorrentError)

    var error: TorrentError {
        switch self {
        case .suspended(let suspension): suspension.error
        case .failed(let error): error
        }
    }

    var failure: TorrentError? {
        if case .failed(let error) = self { error } else { nil }
    }

    var suspension: Suspension? {
        if case .suspended(let suspension) = self { suspension } else { nil }
    }

    var state: TorrentState { suspension == nil ? .failed(error) : .suspended(error) }
}

extension LifecyclePhase {
    var obstacle: LifecycleObstacle? {
        switch self {
        case .added(let added): added.beginning.suspension.map { .suspended($0) }
        case .fetchingMetadata(let fetching): fetching.failure.map { .failed($0) }
        case .unopened(let unopened): unopened.obstacle
        case .opening(let opening): opening.suspension.map { .suspended($0) }
        case .open(let open):
            open.failure.map { .failed($0) }
                ?? open.trouble.map { .suspended(Suspension(error: TorrentError($0.error), attemptCount: 1)) }
        case .closed: nil
        }
    }

    /// The driver may run, as far as the user and the queue let it. `isRunning`: it does.
    func mayRun(isRunning: Bool) -> Bool {
        switch self {
        case .fetchingMetadata(let fetching): fetching.failure == nil
        // Peers that have sent the metadata stay connected.
        case .opening: isRunning
        // A disk that cannot be written to still serves what it holds.
        case .open(let open): open.failure == nil && open.trouble?.stopsSharing != true && !open.isChecking
        case .added, .unopened, .closed: false
        }
    }

    /// The driver will run if nothing else happens to the torrent.
    var mayRunSoon: Bool {
        switch self {
        case .added, .fetchingMetadata, .unopened, .opening: obstacle == nil
        case .open(let open): open.failure == nil && open.trouble?.stopsSharing != true
        case .closed: false
        }
    }

    /// Nothing is being done with the torrent, and nothing of it has to be open: it is whole, or it cannot go on.
    var mayFallDormant: Bool {
        switch self {
        case .added, .opening, .closed: false
        case .fetchingMetadata(let fetching): fetching.failure != nil
        case .unopened(let unopened): unopened.obstacle != nil
        case .open(let open): open.line.isEmpty && (open.failure != nil || open.holding == .whole)
        }
    }

    /// What the user sees.
    func state(isPaused: Bool, hasTurn: Bool) -> TorrentState {
        switch self {
        case .opening(let opening):
            if let progress = opening.progress { return .checking(progress) }
        case .open(let open):
            return open.state(isPaused: isPaused, hasTurn: hasTurn)
        case .closed(let closed): return closed.last
        case .added, .fetchingMetadata, .unopened: break
        }
        if let obstacle { return obstacle.state }
        if isPaused { return .paused }
        return isExpectedWhole ? .seeding : lacksMetadata ? .fetchingMetadata : .queued
    }

    private var isExpectedWhole: Bool {
        switch self {
        case .added(let added): added.beginning.isExpectedWhole
        case .unopened(let unopened): unopened.isExpectedWhole
        case .opening(let opening): opening.isExpectedWhole
        case .fetchingMetadata, .open, .closed: false
        }
    }

    private var lacksMetadata: Bool {
        switch self {
        case .added(let added): !added.beginning.hasMetadata
        case .fetchingMetadata: true
        case .unopened, .opening, .open, .closed: false
        }
    }
}

extension LifecyclePhase.Open {
    fileprivate func state(isPaused: Bool, hasTurn: Bool) -> TorrentState {
        if let failure { return .failed(failure) }
        if isChecking { return .checking(progress) }
        if isPaused { return .paused }
        if let trouble { return .suspended(TorrentError(trouble.error)) }
        if holding > .part { return .seeding }
        return hasTurn ? .downloading : .queued
    }
}
