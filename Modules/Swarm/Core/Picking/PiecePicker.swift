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

/// Stub.
package struct PiecePicker: Sendable {
    /// For a torrent cut as `geometry`, of which `have` is verified and on disk. `seed` decides all random choices.
    package init(geometry: PieceGeometry, have: Bitfield, limits: PickerLimits = PickerLimits(), seed: UInt64) {
        self.geometry = geometry
        self.have = have
    }
    package let geometry: PieceGeometry
    /// Verified and on disk.
    package private(set) var have: Bitfield
    /// In which order pieces of one priority are begun.
    package var mode = PickMode.rarestFirst

    // MARK: Peers and availability

    /// A peer connected. `address` is who is named by `contributors` for what it sends, even after it left.
    package mutating func handlePeerJoined(_ peer: PeerSlot, from address: IPAddress) {}
    /// It told what it has (`bitfield`, `have all`).
    package mutating func handlePeerHas(_ pieces: PeerPieces) {}
    /// It got one more (`have`): call only where it was new. O(1).
    package mutating func handlePeerHas(_ piece: PieceIndex) {}
    /// It lost one (`lt_donthave`): call only where it had it as one of `some`. For a seed: `handleSeedLost`.
    package mutating func handlePeerLost(_ piece: PieceIndex) {}
    /// A seed, counted as such, lost one piece: it is counted as a bitfield from now on.
    package mutating func handleSeedLost(_ piece: PieceIndex) {}
    /// A peer whose pieces were counted one by one has all of them now; its `PeerPieces` becomes `all`.
    package mutating func handlePeerBecameSeed() {}
    /// It left, having `pieces`: its requests are free for others.
    package mutating func handlePeerLeft(_ peer: PeerSlot, having pieces: PeerPieces) {}

    // MARK: Requests

    /// Appends up to `query.count` blocks to ask `query.peer` for, and holds them as asked.
    package mutating func nextRequests(
        _ query: PickQuery,
        from pieces: PeerPieces,
        at now: Instant,
        into requests: inout [BlockRequest]
    ) {}
    /// Whether `block`, coming from `peer`, is to be kept: asked of it and not yet here.
    package func wants(_ block: BlockRequest, from peer: PeerSlot) -> Bool { false }
    /// A block arrived whole. `cancels` gains the other peers that were asked for it.
    package mutating func handleReceived(
        _ block: BlockRequest,
        from peer: PeerSlot,
        at now: Instant,
        cancels: inout [PeerSlot]
    ) -> Reception { .unrequested }
    /// `peer` will not send `block` (`reject`, or we cancelled): false where it was not asked for it.
    @discardableResult
    package mutating func handleReleased(_ block: BlockRequest, by peer: PeerSlot) -> Bool { false }
    /// `peer` will send nothing of what it was asked for (a choke without BEP 6).
    package mutating func handleReleasedAll(by peer: PeerSlot) {}
    /// `peer` is late with everything: others may be asked for its blocks, but what it still sends is taken.
    package mutating func handleSnubbed(_ peer: PeerSlot) {}
    /// Calls `body` with each block that `peer` is asked for, oldest first (to send `cancel`, say).
    package func forEachRequest(of peer: PeerSlot, _ body: (BlockRequest) -> Void) {}
    /// Blocks that `peer` is asked for.
    package func requestCount(of peer: PeerSlot) -> Int { 0 }

    // MARK: Pieces

    /// The piece is verified and on disk.
    package mutating func handlePieceVerified(_ piece: PieceIndex) {}
    /// The piece did not verify. `badBlocks`: these are to be fetched again (v2 leaves tell which); nil: all, and the piece is closed.
    package mutating func handlePieceFailed(_ piece: PieceIndex, badBlocks: [Int]?) {}
    /// We lost a piece that we had (its file is damaged).
    package mutating func handlePieceLost(_ piece: PieceIndex) {}
    /// Gives up one open piece that stalls while the budget is used up; its received blocks are to be dropped. Call
    /// each second or so, until nil.
    package mutating func nextAbandonedPiece(at now: Instant) -> PieceIndex? { nil }
    /// Who sent each block of an open piece; nil where the block is not here.
    package func contributors(of piece: PieceIndex) -> [IPAddress?] { [] }
    /// Sets how much one piece is wanted. A begun piece is finished nevertheless.
    package mutating func setPriority(_ priority: PiecePriority, of piece: PieceIndex) {}
    /// Sets how much each piece is wanted, `priorities.count == geometry.pieceCount`.
    package mutating func setPriorities(_ priorities: [PiecePriority]) {}
    /// Wants `piece` by `deadline`, before all that has none; nil: no more.
    package mutating func setDeadline(_ deadline: Instant?, of piece: PieceIndex) {}

    // MARK: Queries

    /// Whether a peer that has `piece` is of interest for it. O(1).
    package func wants(_ piece: PieceIndex) -> Bool { false }
    /// How many pieces that we want are in `pieces`. O(pieces / 64).
    package func wantedCount(in pieces: PeerPieces) -> Int { 0 }
    /// Whether any piece that we want is in `pieces`.
    package func wantsAny(of pieces: PeerPieces) -> Bool { false }
    /// Whether all that is wanted is had.
    package var isFinished: Bool { false }
    /// Whether every block that is wanted is here or asked for.
    package var isEndgame: Bool { false }
    /// Pieces begun and not yet verified.
    package var openPieceCount: Int { 0 }
    /// Their memory, bytes.
    package var openByteCount: Int { 0 }
    /// Whether every block of `piece` is here, and it waits to be verified.
    package func isComplete(_ piece: PieceIndex) -> Bool { false }
    /// Pieces wanted and not had, the open ones included.
    package var missingPieceCount: Int { 0 }
    /// Bytes of blocks that came for pieces still open.
    package var partialByteCount: Int { 0 }
    /// Bytes that came although we had them.
    package var redundantByteCount: Int { 0 }
    /// Peers that have `piece`, seeds included.
    package func availability(of piece: PieceIndex) -> Int { 0 }
    /// Whole copies among the connected peers, and the share of pieces that have one copy more: 2.4 reads as usual.
    package var distributedCopies: Double { 0 }
    /// How much `piece` is wanted.
    package func priority(of piece: PieceIndex) -> PiecePriority { .normal }
}
