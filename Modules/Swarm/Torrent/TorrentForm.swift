// SPDX-License-Identifier: Apache-2.0

/// Whether a torrent costs more than a record.
///
///     dormant ──somebody needs it──▶ waking ──opened──▶ awake ──idle for long──▶ dozing ──closed──▶ dormant
///                                                         ▲                        │
///                                                         └───somebody came────────┘
///
/// One that was not opened yet begins as dormant as well.
enum TorrentForm {
    case dormant
    /// It is being opened again; strangers wait.
    case waking(TorrentLifecycle)
    case awake(TorrentLifecycle)
    /// It is being closed; everybody waits.
    case dozing(TorrentLifecycle)
    /// It has left its session; how it was last, and why it left.
    case ended(TorrentLifecycle?, TorrentError)

    var lifecycle: TorrentLifecycle? {
        switch self {
        case .dormant: nil
        case .waking(let life), .awake(let life), .dozing(let life): life
        case .ended(let life, _): life
        }
    }

    /// Whether it is so already, or on the way.
    var isAwake: Bool {
        switch self {
        case .waking, .awake, .ended: true
        case .dormant, .dozing: false
        }
    }
}

/// Kept apart, since few torrents have one.
final class RestingFailure: Sendable {
    let error: TorrentError
    /// Where it is tried again: how often it has been.
    let suspension: Suspension?

    init(_ error: TorrentError) {
        self.error = error
        suspension = nil
    }

    init(_ suspension: Suspension) {
        error = suspension.error
        self.suspension = suspension
    }

    var state: TorrentState { suspension == nil ? .failed(error) : .suspended(error) }
}

extension Torrent.State {
    var dormantStatus: TorrentStatus { TorrentStatus(dormant: entry, carried, failure: failure?.state) }
}
