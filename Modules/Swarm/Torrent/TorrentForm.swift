// SPDX-License-Identifier: Apache-2.0

internal import RucheStorage
internal import RucheWire

/// Whether a torrent is more than a record.
///
///     dormant ──needed──▶ waking ──opened──▶ awake ──idle──▶ dozing ──closed──▶ dormant
///                                              ▲               │
///                                              └────needed─────┘
///
/// A torrent that was never opened is dormant as well.
enum TorrentForm {
    case dormant
    /// The torrent is being opened again; strangers wait.
    case waking(TorrentLifecycle)
    case awake(TorrentLifecycle)
    /// The torrent is being closed; all callers wait.
    case dozing(TorrentLifecycle)
    /// The torrent has left its session, for a reason.
    case ended(TorrentLifecycle?, TorrentError)

    var lifecycle: TorrentLifecycle? {
        switch self {
        case .dormant: nil
        case .waking(let life), .awake(let life), .dozing(let life): life
        case .ended(let life, _): life
        }
    }

    /// Whether the torrent needs not be woken.
    var isAwake: Bool {
        switch self {
        case .waking, .awake, .ended: true
        case .dormant, .dozing: false
        }
    }
}

/// Why a dormant torrent does not go on. An object, because few torrents have one.
final class RestingFailure: Sendable {
    let error: TorrentError
    /// If the torrent is opened again later: how often that was tried.
    let suspension: Suspension?

    init(_ obstacle: LifecycleObstacle) {
        error = obstacle.error
        suspension = obstacle.suspension
    }

    var state: TorrentState { suspension == nil ? .failed(error) : .suspended(error) }
}

extension Torrent.State {
    var dormantStatus: TorrentStatus { TorrentStatus(dormant: entry, carried, failure: failure?.state) }

    /// Whether the torrent seeds while it is dormant.
    var isRestingSeed: Bool {
        entry.flags.contains(.complete) && !entry.flags.contains(.paused) && failure == nil
    }

    /// How the torrent stands when it wakes.
    var record: TorrentRecord {
        TorrentRecord(
            origin: beginning?.origin ?? TorrentOrigin(entry),
            options: beginning?.options ?? AddOptions(entry),
            wasDormant: beginning == nil && entry.flags.contains(.complete),
            status: dormantStatus,
            suspension: failure?.suspension,
            carried: carried,
            announceKey: announceKey
        )
    }
}

/// A torrent as it wakes.
struct TorrentRecord: Sendable {
    let origin: TorrentOrigin
    let options: AddOptions
    /// The torrent was complete when it became dormant.
    let wasDormant: Bool
    let status: TorrentStatus
    let suspension: Suspension?
    /// What was counted before it woke.
    let carried: CarriedTotals
    /// What trackers know it by (BEP 7).
    let announceKey: UInt32
}
