// SPDX-License-Identifier: Apache-2.0

/// Whether a torrent uses more memory than a record.
///
///     dormant ──needed──▶ waking ──opened──▶ awake ──idle for long──▶ dozing ──closed──▶ dormant
///                                              ▲                        │
///                                              └─────────needed─────────┘
///
/// A torrent that has not been opened yet starts as dormant too.
enum TorrentForm {
    case dormant
    /// It is being opened again; incoming peers wait.
    case waking(TorrentLifecycle)
    case awake(TorrentLifecycle)
    /// It is being closed; everything waits.
    case dozing(TorrentLifecycle)
    /// It has left its session; with its last status, and why it left.
    case ended(TorrentLifecycle?, TorrentError)

    var lifecycle: TorrentLifecycle? {
        switch self {
        case .dormant: nil
        case .waking(let life), .awake(let life), .dozing(let life): life
        case .ended(let life, _): life
        }
    }

    /// Whether it already is, or is on the way.
    var isAwake: Bool {
        switch self {
        case .waking, .awake, .ended: true
        case .dormant, .dozing: false
        }
    }
}

/// Stored separately, because few torrents have one.
final class RestingFailure: Sendable {
    let error: TorrentError
    /// The number of failed attempts, if it is tried again.
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
