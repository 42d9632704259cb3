// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What happens to a torrent.
enum LifecycleEvent: Sendable {
    /// The torrent was added, or has been woken, and begins.
    case begun(hasTurn: Bool)
    /// The session's queue lets the torrent run, or has it wait.
    case turn(Bool)
    case paused
    /// The user resumes the torrent. `isFinished`: every wanted piece is stored.
    case resumed(isFinished: Bool)
    /// The session's recovery queue tries a suspended torrent again.
    case retry

    /// The metadata of a magnet is here.
    case metadata
    /// The content is open.
    case opened(ContentHolding)
    case openingFailed(TorrentError)
    /// The opening was cancelled.
    case openingAbandoned
    /// The share of a check, or of an opening, that is done, from 0 to 1.
    case progress(Double)

    /// The last wanted piece is stored.
    case completed
    /// Something that was stored is gone.
    case lost(ContentHolding)
    /// The disk has failed for long, or works again (nil).
    case trouble(DiskTrouble?)
    /// Only the user can mend this.
    case failed(TorrentError)

    /// Work on the content is asked for.
    case asked(LifecycleWork)
    /// The caller that asked for the work no longer waits for it.
    case withdrawn(LifecycleWork)
    /// The running work is over. `holding`: how much is here, if the work has found that out.
    case ended(LifecycleWork, holding: ContentHolding?)

    /// The torrent becomes dormant, or leaves its session. Nothing follows but `closed` again, and work that is refused.
    case closed(isDormant: Bool)
}

/// What a torrent's owner must do.
enum LifecycleAction: Hashable, Sendable {
    /// Open the content, and tell the outcome by `opened`, `openingFailed` or `openingAbandoned`. `isExpectedWhole`: the
    /// torrent was complete, so what is missing is an error, and is not fetched.
    case open(isExpectedWhole: Bool)
    case cancelOpening

    case startDriver
    case stopDriver
    case joinSources
    case leaveSources
    /// Stay a member of the sources that outlive dormancy, and leave the others.
    case restSources
    /// Tell the sources that every piece is here.
    case noteWhole
    /// End the readers: the torrent has failed.
    case failReaders(TorrentError)

    /// Begin the work, and tell its end by `ended`.
    case begin(LifecycleWork)
    case cancel(LifecycleWork)
    /// The work was not begun, and will not be; nil: it was withdrawn.
    case refuse(LifecycleWork, TorrentError?)

    /// Have the session's recovery queue send `retry`.
    case retry(after: Interval)
    /// Publish the torrent's new state.
    case announce(TorrentState)
    /// Note how the torrent stands in the catalogue.
    case remember
    case log(LifecycleNotice)
}

/// A line of the log.
enum LifecycleNotice: Hashable, Sendable {
    case complete
    case failure(TorrentError)
    case trouble(TorrentError)
    /// The disk works again.
    case recovered
}
