// SPDX-License-Identifier: Apache-2.0

/// An event in a session.
public enum SessionEvent: Sendable {
    /// A torrent was added.
    case added(Torrent)
    /// A torrent has a new state.
    case changed(Torrent, TorrentState)
    /// A torrent was removed.
    case removed(Torrent)
}
