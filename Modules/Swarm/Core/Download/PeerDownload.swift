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
    /// The outstanding requests.
    package var pipeline: RequestPipeline
    /// The pieces that it sends even while it chokes us (BEP 6).
    var allowsUs: [PieceIndex] = []
    /// The pieces that it suggests (BEP 6).
    var suggests: [PieceIndex] = []
    /// The number of blocks that may still arrive unrequested: they were cancelled, or released by a choke.
    var lateBlockAllowance = 0
    /// The peer has rejected a request without choking us. Nothing is requested from it before this time.
    var restsUntil = Instant.zero
    /// How often fewer blocks were available to request than the peer could take, since the last tick and since its
    /// last block.
    var vainRefillCount: Int32 = 0
    /// The picker has been told that the peer's blocks are late.
    var isHeldAsSnubbed: Bool

    /// Creates the state before any requests. A peer that `isDoubted` is not relied on before its first block.
    init(limits: SwarmLimits, isDoubted: Bool, at now: Instant) {
        meter = RateMeter(at: now)
        let requestLimits = RequestLimits(maxDepth: limits.outstandingRequestsPerPeer)
        pipeline = RequestPipeline(limits: requestLimits, isDoubted: isDoubted, at: now)
        isHeldAsSnubbed = isDoubted
    }
}

extension PeerDownload {
    /// Returns what to ask the picker for; nil if nothing can be requested from the peer now. `usualBlockTime` is how
    /// long a block takes from other peers: the estimate for a peer about which nothing is known yet.
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
