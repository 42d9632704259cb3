// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
internal import RucheWire

/// What we download from peers: requests, blocks, and the outcome of complete pieces.
///
/// It changes `download` of `ConnectedPeer`, and the picker, the missing piece layers and the smart ban of
/// `SwarmContent`. Owner: `SwarmCore`.
package struct Download {
    /// Blocks received from all peers.
    package var meter: RateMeter
    /// Received bytes that were useless: duplicates, and pieces that failed verification.
    package var wastedByteCount = 0
    /// Peers that `settle` examines: there may be something to request from them.
    var unsettled: Set<PeerSlot> = []
    /// `settle` examines every peer: it is a tick, or a piece became free.
    var isAllUnsettled = false
    /// Peers that could take more requests than there were: examined when blocks become free.
    var hungry: Set<PeerSlot> = []
    /// The number of hungry peers examined since the last tick.
    var feedCount = 0
    /// Addresses of peers that were asked for blocks and sent none: a new connection from there is not relied on before
    /// its first block.
    var silent = RecentAddresses(for: SwarmTiming.silentMemory)
    var requestScratch: [BlockRequest] = []
    var cancelScratch: [PeerSlot] = []
    var settleScratch: [PeerSlot] = []
    let work: WorkMeter

    /// Creates the state before any requests.
    init(work: WorkMeter, at now: Instant) {
        meter = RateMeter(at: now)
        self.work = work
    }

    /// Returns whether a new peer at `address` is not relied on before its first block.
    mutating func isDoubted(_ address: IPAddress, at now: Instant) -> Bool { silent.contains(address, at: now) }

    /// Remembers the address of a peer that was asked for blocks and sent none, because a new connection from there
    /// would be trusted again otherwise.
    mutating func noteSilence(of peer: ConnectedPeer, at now: Instant) {
        guard !peer.isWebSeed, !peer.download.pipeline.isProven else { return }
        silent.insert(peer.endpoint.address, at: now)
    }

    /// Handles a peer that owes blocks and sends none: they are requested from others.
    mutating func handleSnubbed(_ peer: ConnectedPeer, _ content: SwarmContent?, in batch: inout SwarmBatch) {
        peer.download.isHeldAsSnubbed = true
        content?.picker.handleSnubbed(peer.slot)
        noteSilence(of: peer, at: batch.now)
        batch.add(.snubbed(peer.endpoint))
        isAllUnsettled = true
    }

    /// Handles a peer that has left. `end`: when it was last heard from.
    mutating func handleLeft(_ peer: ConnectedPeer, _ content: SwarmContent?, at end: Instant) {
        unsettled.remove(peer.slot)
        hungry.remove(peer.slot)
        content?.picker.handlePeerLeft(peer.slot, having: peer.pieces)
        content?.torrent?.layerDownload?.handleLeft(peer.slot)
        content?.torrent?.inquiry.handleLeft(peer.slot)
        if !peer.isWebSeed, peer.download.pipeline.owedTime(at: end) >= SwarmTiming.owedOnLeaving {
            noteSilence(of: peer, at: end)
        }
    }

    // MARK: - Interest

    /// Tells the peer whether we are interested, if that has changed.
    mutating func updateInterest(_ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard !peer.isGone else { return }
        let wants = peer.download.wantedCount > 0
        if wants { unsettled.insert(peer.slot) }
        guard wants != peer.download.weAreInterested, peer.answers.hasRoom else { return }
        peer.download.weAreInterested = wants
        peer.send(wants ? .interested : .notInterested, in: &batch)
    }

    /// Recounts the pieces that each peer has and we want.
    mutating func recountWanted(among peers: borrowing PeerTable, _ content: SwarmContent?, in batch: inout SwarmBatch)
    {
        for slot in peers.occupied {
            guard let peer = peers[slot] else { continue }
            peer.download.wantedCount = content?.picker.wantedCount(in: peer.pieces) ?? 0
            updateInterest(peer, in: &batch)
        }
        isAllUnsettled = true
    }
}
