// SPDX-License-Identifier: Apache-2.0

/// Which clients can use a torrent.
public enum TorrentFormat: Hashable, Sendable {
    /// BEP 3: SHA-1 of pieces.
    case v1
    /// BEP 52: a SHA-256 hash tree for each file.
    case v2
    /// Both, over the same piece space.
    case hybrid
}
