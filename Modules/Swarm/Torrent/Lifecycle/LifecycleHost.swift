// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage

/// What a lifecycle asks of its torrent, and tells it. Called on the torrent's loop; every call returns at once.
protocol LifecycleHost: AnyObject, Sendable {
    /// The torrent's record in the catalogue.
    var entry: CatalogueEntry { get }
    /// The record as it may be written: nil once the torrent has left its session.
    var entryToNote: CatalogueEntry? { get }
    /// Why the torrent has left its session; nil while it is there.
    var endReason: TorrentError? { get }
    /// Whether the status has readers.
    var isWatched: Bool { get }

    /// Changes the record; false if it says this already.
    func setEntry(_ entry: CatalogueEntry) -> Bool
    /// The torrent has been opened, or could not be: strangers need not wait any longer.
    func handleOpened(_ life: TorrentLifecycle)
    func handle(_ state: TorrentState)
    func publish(_ status: TorrentStatus)

    /// Has all callers wait from now on. False if a caller has the lifecycle already, or the torrent must stay awake.
    func beginDozing(_ life: TorrentLifecycle) -> Bool
    /// The torrent is awake after all.
    func cancelDozing(_ life: TorrentLifecycle)
    /// The lifecycle has ended; the torrent is dormant.
    func finishDozing(_ rest: TorrentRest)
}

/// What is left of a torrent that becomes dormant.
struct TorrentRest {
    let totals: CarriedTotals
    /// What keeps strangers from waking it.
    let failure: RestingFailure?
    let sources: RestingSources
}
