// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What we download from one peer. Owner: `ConnectedPeer`; only the download changes it.
package struct PeerDownload {
    /// The peer is choking us.
    package var chokesUs = true
    /// We have told the peer that we are interested in its pieces.
    package var weAreInterested = false
    /// The number of its pieces that we want.
    var wantedCount = 0
    /// Blocks received from it.
    package var meter: RateMeter
    /// The requests under way.
    package var pipeline: RequestPipeline
    /// The pieces that it sends even while it chokes us (BEP 6).
    var allowsUs: [PieceIndex] = []
    /// The pieces that it suggests (BEP 6).
    var suggests: [PieceIndex] = []
    /// The number of blocks that may still come unrequested: they were cancelled, or released by a choke.
    var lateBlockAllowance = 0
    /// It has rejected a request without choking us. It is asked for nothing before then.
    var restsUntil = Instant.zero
    /// How often there was less to ask of it than it could take, since the last tick and since its last block.
    var vainRefillCount: Int32 = 0
    /// The picker has been told that its blocks are late.
    var isHeldAsSnubbed: Bool

    /// Nothing requested yet. A peer that `isDoubted` is not counted on before its first block.
    init(limits: SwarmLimits, isDoubted: Bool, at now: Instant) {
        meter = RateMeter(at: now)
        let requestLimits = RequestLimits(maxDepth: limits.outstandingRequestsPerPeer)
        pipeline = RequestPipeline(limits: requestLimits, isDoubted: isDoubted, at: now)
        isHeldAsSnubbed = isDoubted
    }
}

extension PeerDownload {
    /// What to ask the picker for; nil where nothing can be asked of the peer now. `usualBlockTime` is how long a block
    /// takes other peers: it stands in for that of a peer of which nothing is known yet.
    func makeQuery(as slot: PeerSlot, usualBlockTime: Interval, at now: Instant) -> PickQuery? {
        guard weAreInterested, now >= restsUntil, !chokesUs || !allowsUs.isEmpty else { return nil }
        let room = pipeline.room(at: now)
        guard room > 0 else { return nil }
        let blockTime = pipeline.blockTime(at: now) ?? usualBlockTime
        return PickQuery(
            peer: slot,
            count: room,
            restrictedTo: chokesUs ? allowsUs : nil,
            suggested: suggests,
            isSlow: pipeline.isSnubbed(at: now),
            isLaggard: usualBlockTime > .zero && blockTime > usualBlockTime * SwarmBounds.laggardFactor,
            answerTime: pipeline.answerTime(blockTime: blockTime),
            blockTime: blockTime
        )
    }
}
