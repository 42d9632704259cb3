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
    /// In which the first of the blocks may be expected; zero where nothing is known of the peer.
    package var answerTime: Interval
    /// Between that block and the next, and so on.
    package var blockTime: Interval

    /// A query from its parts.
    package init(
        peer: PeerSlot,
        count: Int,
        restrictedTo: [PieceIndex]? = nil,
        suggested: [PieceIndex] = [],
        isSlow: Bool = false,
        answerTime: Interval = .zero,
        blockTime: Interval = .zero
    ) {
        self.peer = peer
        self.count = count
        self.restrictedTo = restrictedTo
        self.suggested = suggested
        self.isSlow = isSlow
        self.answerTime = answerTime
        self.blockTime = blockTime
    }
}

extension PickQuery {
    /// When the answer to the request after `count` others of this query should be here.
    func expectedAt(_ count: Int, _ now: Instant) -> Instant { now + answerTime + blockTime * Int64(max(0, count)) }
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
