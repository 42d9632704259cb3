// SPDX-License-Identifier: Apache-2.0

public import RucheWire

/// What a virtual peer has when it starts.
public enum PeerRole: Hashable, Sendable {
    /// All pieces.
    case seed
    /// All pieces, revealed one at a time (BEP 16).
    case superSeed
    /// The .torrent file only.
    case leecher
    /// A magnet link with these info-hashes: the peer gets the info dictionary and the piece layers from other peers.
    case magnet(InfoHashes)
}
