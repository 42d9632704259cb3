// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// What may be requested from a peer now.
package struct PickQuery: Sendable {
    /// The peer to send the requests to.
    package var peer: PeerSlot
    /// The maximum number of blocks.
    package var count: Int
    /// While the peer is choking us, the pieces that it allows anyway (BEP 6). Nil means any piece.
    package var restrictedTo: [PieceIndex]?
    /// Pieces that the peer prefers to send (BEP 6 `suggest`).
    package var suggested: [PieceIndex]
    /// The peer is snubbed or far slower than others. Keep it away from pieces that others are about to finish.
    package var isSlow: Bool
    /// Others are several times faster, so the peer should not be asked for what is wanted at once.
    package var isLaggard: Bool
    /// The expected time until the first block arrives; zero if nothing is known about the peer.
    package var answerTime: Interval
    /// The expected time between one block and the next.
    package var blockTime: Interval

    /// Creates a query, by default without restrictions and for a peer of unknown speed.
    package init(
        peer: PeerSlot,
        count: Int,
        restrictedTo: [PieceIndex]? = nil,
        suggested: [PieceIndex] = [],
        isSlow: Bool = false,
        isLaggard: Bool = false,
        answerTime: Interval = .zero,
        blockTime: Interval = .zero
    ) {
        self.peer = peer
        self.count = count
        self.restrictedTo = restrictedTo
        self.suggested = suggested
        self.isSlow = isSlow
        self.isLaggard = isLaggard
        self.answerTime = answerTime
        self.blockTime = blockTime
    }
}

extension PickQuery {
    /// When the answer to this query's request number `count`, from 0, is expected.
    func expectedAt(_ count: Int, _ now: Instant) -> Instant { now + answerTime + blockTime * Int64(max(0, count)) }
}

/// The result of a block's arrival.
package enum Reception: Hashable, Sendable {
    /// The block was wanted. With `completesPiece`, all blocks of its piece have arrived: verify the piece.
    case accepted(completesPiece: Bool)
    /// We already have the block, for example because our cancel crossed it.
    case duplicate
    /// The block has no outstanding request to this peer.
    case unrequested
}
