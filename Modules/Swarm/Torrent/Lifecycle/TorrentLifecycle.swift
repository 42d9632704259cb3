// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import RucheStorage
internal import RucheTrackers
internal import RucheTransport
internal import RucheWire

/// Takes one torrent from being opened to being closed: metadata, disk, resume state, turns in the queue, trackers.
///
///     open ──▶ fetchingMetadata ──▶ checking ──▶ queued ⇄ downloading ──▶ seeding ──idle──▶ dormant
///                                       └──▶ suspended ◀──────┴─────────────┘
///                                                   paused, failed: from anywhere
///
/// A torrent that becomes dormant releases it, and creates a new one when it wakes. It is an actor, because all of this
/// is a few steps for each action of the user. The transfer itself happens on the driver's loop, and knows nothing of
/// this.
actor TorrentLifecycle {
    nonisolated let driver: SwarmDriver
    nonisolated let snapshot: TorrentSnapshot
    let origin: TorrentOrigin
    let options: AddOptions
    let logger: Logger
    /// The totals from before it woke.
    let carried: CarriedTotals
    let announceKey: UInt32
    /// It was complete when it became dormant, and is opened again unless that has changed.
    let wasDormant: Bool
    weak let session: Session?
    weak let torrent: Torrent?

    var content: OpenContent?
    var metainfo: Metainfo?
    var isPaused: Bool
    var hasTurn = false
    var isRunning = false
    /// Everything that is wanted is stored.
    var isComplete = false
    /// Everything is stored.
    var isWhole = false
    /// It was complete: if something is missing now, that is an error, and must not be downloaded.
    var isExpectedWhole: Bool
    /// The error that ended it, until the user resumes it.
    var failure: TorrentError?
    /// Why it could not be opened; this is tried again.
    var suspension: Suspension?
    /// A lasting failure of the open content's disk; the driver tries that again.
    var trouble: DiskTrouble?
    var checkProgress: Double?
    var isClosed = false
    /// The sources of peers while the torrent runs, and its memberships from when it was dormant.
    var sources: JoinedSources
    /// Its own trackers, one of `sources`.
    var trackerMembership: TrackerMembership?
    /// Its announces from when it was dormant, until it announces again.
    var restingSchedule: RestingSchedule?
    /// It has joined its sources.
    var isSearching = false
    var tasks: [Task<Void, Never>] = []
    /// Changes to the content, one after the other: see `inTurn`.
    var turns = LifecycleTurns()
    var gauges: TorrentGauges?
    var opening: Task<Void, Never>?
    /// A check that follows trouble with the disk, until it is over.
    var troubleCheck: Task<Void, Never>?
    var isOpening = false
    /// Raised once metadata need not be parsed, or files created, any more.
    let isOpeningUnwanted = RaisedFlag()
    private var hasBegun = false
    /// When it was last needed.
    var idleSince: Instant?
    /// What the session was last told: observers may see a newer status.
    var announced: TorrentState?

    init(_ torrent: Torrent, _ state: borrowing Torrent.State, _ resting: RestingSources, _ session: Session) {
        self.torrent = torrent
        self.session = session
        sources = resting.joined
        restingSchedule = resting.schedule
        origin = state.beginning?.origin ?? TorrentOrigin(state.entry)
        options = state.beginning?.options ?? AddOptions(state.entry)
        wasDormant = state.beginning == nil && state.entry.flags.contains(.complete)
        isExpectedWhole = wasDormant
        carried = state.carried
        announceKey = state.announceKey
        var logger = session.logger
        logger[metadataKey: "torrent"] = "\(origin.name.escapedForDisplay)"
        self.logger = logger
        driver = session.makeDriver(for: torrent, logger: logger)
        isPaused = options.isPaused
        metainfo = origin.metainfo
        var status = state.dormantStatus
        if origin.metainfo == nil, !origin.isSaved { status.state = .fetchingMetadata }
        snapshot = TorrentSnapshot(status, origin.metainfo)
        announced = wasDormant ? status.state : nil
        suspension = state.failure?.suspension
    }

    /// Whether it may become dormant.
    var canBeDormant: Bool { options.canBeRemembered && session?.catalogue != nil }

    /// Starts, once: opens the content if the metadata is known, otherwise looks for peers that have it. Returns at
    /// once, because checking the disk may take long.
    func open() {
        guard !hasBegun, !isClosed else { return }
        hasBegun = true
        listenToDriver()
        tasks.append(Task { await self.publishStatus() })
        lookUpNamedPeers()
        hasTurn = torrent.flatMap { session?.hasTurn($0) } ?? false
        if metainfo != nil || origin.isSaved {
            beginOpening()
        } else {
            settle()
        }
    }

    /// Starts. Returns once a dormant torrent is open again, and at once for any other.
    func becomeReady() async {
        open()
        if wasDormant { await opening?.value }
    }

    func waitUntilOpened() async {
        open()
        await opening?.value
    }
}
