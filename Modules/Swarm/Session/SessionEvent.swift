// SPDX-License-Identifier: Apache-2.0

/// What happens in a session.
public enum SessionEvent: Sendable {
    /// A torrent is here.
    case added(Torrent)
    /// It does something else now.
    case changed(Torrent, TorrentState)
    /// It is gone.
    case removed(Torrent)
}
