// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What peers download from us: which are unchoked, the blocks that each waits for, and the answers to its other
/// requests.
///
/// It changes `upload` and `answers` of `ConnectedPeer`, and the log of pieces, first copies and super seeding of
/// `SwarmContent`. Owner: `SwarmCore`.
package struct Upload {
    /// Blocks sent to all peers.
    package var meter: RateMeter
    var choker: Choker
    /// The number of peers that may download from us now.
    var unchokedCount = 0
    /// Peers that become interested before this time wait for the next tick: there has just been no free slot.
    var mayFillAt = Instant.zero
    /// The number of times that free upload slots were assigned since the last tick.
    var fillCount = 0
    var nextRoundAt: Instant
    /// Jobs on the blocking pool for peers' hash requests.
    var hashJobCount = 0
    let limits: SwarmLimits
    let work: WorkMeter

    /// Creates the state before any peer is unchoked.
    init(limits: SwarmLimits, work: WorkMeter, at now: Instant) {
        meter = RateMeter(at: now)
        choker = Choker(slots: limits.uploadSlots.map(UploadSlots.fixed) ?? .automatic)
        nextRoundAt = now + SwarmTiming.chokeRound
        self.limits = limits
        self.work = work
    }

    /// Handles opened content.
    mutating func handleContent(_ content: SwarmContent, policies: UnchokePolicies) {
        choker.advanceByteCount = content.geometry.pieceLength
        choker.policies = policies
    }

    /// Handles a peer that has left.
    mutating func handleLeft(_ peer: ConnectedPeer, _ content: SwarmContent?) {
        if !peer.upload.isChoked { unchokedCount -= 1 }
        choker.handlePeerLeft(peer.slot)
        content?.firstCopies.handleEnded(peer.slot)
    }
}
