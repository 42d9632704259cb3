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
/// A torrent that falls dormant lets go of it, and makes a new one when it wakes. An actor, since all of this is a few steps
/// for each action of the user. The transfer itself happens on the driver's loop, and knows nothing of this.
actor TorrentLifecycle {
    nonisolated let driver: SwarmDriver
    nonisolated let snapshot: TorrentSnapshot
    let origin: TorrentOrigin
    let options: AddOptions
    let logger: Logger
    /// What was counted before it woke.
    let carried: CarriedTotals
    let announceKey: UInt32
    /// It was complete when it fell dormant, and is opened again unless that has changed.
    let wasDormant: Bool
    weak let session: Session?
    weak let torrent: Torrent?

    var content: OpenContent?
    var metainfo: Metainfo?
    var isPaused: Bool
    var hasTurn = false
    var isRunning = false
    /// All that is wanted is here.
    var isComplete = false
    /// Everything is here.
    var isWhole = false
    /// It was whole: where something is missing now, that is an error, and not to be fetched.
    var isExpectedWhole: Bool
    /// What ended it, until the user resumes it.
    var failure: TorrentError?
    /// Why it could not be opened; that is tried again.
    var suspension: Suspension?
    /// What the open content's disk fails at for long; the driver tries that again.
    var trouble: DiskTrouble?
    var checkProgress: Double?
    var isClosed = false
    /// Where peers come from while the torrent runs, and what it has stayed a member of while it was dormant.
    var sources: JoinedSources
    /// Its part in its trackers, one of `sources`.
    var trackerMembership: TrackerMembership?
    /// How far it had been announced while it was dormant, until it is announced again.
    var restingSchedule: RestingSchedule?
    /// It has joined its sources.
    var isSearching = false
    var tasks: [Task<Void, Never>] = []
    /// What changes the content, one after the other: see `inTurn`.
    var turns = LifecycleTurns()
    var gauges: TorrentGauges?
    var opening: Task<Void, Never>?
    /// A check that follows trouble with the disk, until it is over.
    var troubleCheck: Task<Void, Never>?
    var isOpening = false
    /// Raised once nobody waits for metadata to be parsed, or for files to be made.
    let isOpeningUnwanted = RaisedFlag()
    private var hasBegun = false
    /// Since when nobody has needed it.
    var idleSince: Instant?
    /// What the session was last told: the status that watchers see may be ahead of it.
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

    /// Whether it may fall dormant.
    var canBeDormant: Bool { options.canBeRemembered && session?.catalogue != nil }

    /// Begins, once: opens the content if the metadata is there, else looks for peers that have it. Returns at once, for
    /// checking what is on the disk may take long.
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

    /// Begins. Returns once what was dormant is open again, at once for another.
    func becomeReady() async {
        open()
        if wasDormant { await opening?.value }
    }

    func waitUntilOpened() async {
        open()
        await opening?.value
    }
}
