// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Shows each leecher one piece at a time, and the next when another peer has got it from there (BEP 16).
package struct SuperSeeding: Sendable {
    /// For `pieceCount` pieces.
    package init(pieceCount: Int) {}
    /// A leecher joined; returns the pieces to announce to it by `have`.
    package mutating func handlePeerJoined(_ peer: PeerSlot, having pieces: PeerPieces, into reveal: inout [Revelation])
    {}
    /// A peer announced a piece: whoever was shown it, if somebody else, is shown another.
    package mutating func handlePeerHas(_ piece: PieceIndex, peer: PeerSlot, into reveal: inout [Revelation]) {}
    /// A peer left.
    package mutating func handlePeerLeft(_ peer: PeerSlot, having pieces: PeerPieces) {}
    /// Whether `peer` may request `piece`: it was shown it.
    package func isRevealed(_ piece: PieceIndex, to peer: PeerSlot) -> Bool { false }

    /// A `have` to send.
    package struct Revelation: Hashable, Sendable {
        /// To whom.
        package var peer: PeerSlot
        /// Which piece.
        package var piece: PieceIndex
    }
}
