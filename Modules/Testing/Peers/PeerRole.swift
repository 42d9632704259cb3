// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// What a virtual peer starts with.
public enum PeerRole: Hashable, Sendable {
    /// Everything.
    case seed
    /// Everything, shown piece by piece (BEP 16).
    case superSeed
    /// The .torrent file.
    case leecher
    /// A magnet link with these hashes: the info dictionary, and piece layers, come from peers.
    case magnet(InfoHashes)
}
