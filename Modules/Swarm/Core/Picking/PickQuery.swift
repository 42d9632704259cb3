// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What a peer may be asked for now.
package struct PickQuery: Sendable {
    /// Who will be asked.
    package var peer: PeerSlot
    /// At most so many blocks.
    package var count: Int
    /// While it chokes us: the pieces that it allows nevertheless (BEP 6). Nil: any.
    package var restrictedTo: [PieceIndex]?
    /// Pieces that it would rather send (BEP 6 `suggest`).
    package var suggested: [PieceIndex]
    /// Snubbed or far slower than others: kept away from pieces that others are about to finish.
    package var isSlow: Bool

    /// A query from its parts.
    package init(
        peer: PeerSlot,
        count: Int,
        restrictedTo: [PieceIndex]? = nil,
        suggested: [PieceIndex] = [],
        isSlow: Bool = false
    ) {
        self.peer = peer
        self.count = count
        self.restrictedTo = restrictedTo
        self.suggested = suggested
        self.isSlow = isSlow
    }
}

/// What became of a block that arrived.
package enum Reception: Hashable, Sendable {
    /// It was wanted. `completesPiece`: every block of its piece is here now, and the piece is to be verified.
    case accepted(completesPiece: Bool)
    /// We have it already: a cancel crossed it on the way.
    case duplicate
    /// It was never asked of this peer, or no more.
    case unrequested
}
