// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import RucheWire

/// What peers say.
extension SwarmCore {
    /// A message arrived from `slot`. A peer that was sent away in this batch may still have some under way: ignored.
    package mutating func handleMessage(_ message: PeerMessage, from slot: PeerSlot, in batch: inout SwarmBatch) {
        guard peers.contains(slot) else { return }
        peers[slot]?.lastHeardAt = batch.now
        switch message {
        case .keepAlive, .port, .unknown: break
        case .choke: handleChoke(slot, in: &batch)
        case .unchoke: handleUnchoke(slot, at: batch.now)
        case .interested: handleInterest(true, slot, in: &batch)
        case .notInterested: handleInterest(false, slot, in: &batch)
        case .have, .bitfield, .haveAll, .haveNone: handleDescription(message, slot, in: &batch)
        case .request(let block): handleRequest(block, slot, in: &batch)
        case .cancel(let block): handleCancel(block, slot, in: &batch)
        case .suggest(let piece): handleSuggest(piece, slot, in: &batch)
        case .reject(let block): handleReject(block, slot, in: &batch)
        case .allowedFast(let piece): handleAllowedFast(piece, slot, in: &batch)
        case .extended(let id, let payload): handleExtended(id, payload, slot, in: &batch)
        case .hashRequest(let request): handleQuestion(.hashes(request), slot, in: &batch)
        case .hashes(let request, let bytes): handleHashes(request, bytes, slot, in: &batch)
        case .hashReject(let request): handleHashReject(request, slot, at: batch.now)
        }
    }

    /// Queues a message for a peer.
    mutating func send(_ message: PeerMessage, to slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        peer.lastSaidAt = batch.now
        peer.answers.handleSent(message.byteCount)
        if peer.answers.unsentByteCount > limits.unsentBytesPerPeer, isOverfull(peer) { isAnyOverfull = true }
        batch.add(.send(slot, message))
    }

    /// Sends away peers that take nothing from their sockets.
    mutating func disconnectOverfull(in batch: inout SwarmBatch) {
        guard isAnyOverfull else { return }
        isAnyOverfull = false
        for slot in peers.occupied {
            guard let peer = peers[slot], isOverfull(peer) else { continue }
            batch.add(.misbehaved(peer.endpoint, .floodOfMessages))
            disconnect(slot, .misbehaviour(.floodOfMessages), in: &batch)
        }
    }

    /// A bitfield may be large, and was nobody's wish but ours.
    private func isOverfull(_ peer: ConnectedPeer) -> Bool {
        let bitfieldByteCount = (content?.geometry.pieceCount ?? 0) / 8
        return peer.answers.unsentByteCount > limits.unsentBytesPerPeer + bitfieldByteCount
    }

    private mutating func handleChoke(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard peers[slot]?.download.chokesUs == false else { return }
        peers[slot]?.download.chokesUs = true
        // With BEP 6 every request is still answered, by a block or a reject; without, nothing more will come but what
        // was on its way.
        guard peers[slot]?.isFast == false else { return }
        let outstanding = peers[slot]?.download.pipeline.outstanding ?? 0
        content?.picker.handleReleasedAll(by: slot)
        peers[slot]?.download.pipeline.handleReleased(outstanding, at: batch.now)
        peers[slot]?.download.lateBlockAllowance += outstanding
        // Asked again at once when it unchokes us, but not over and over.
        peers[slot]?.download.vainRefillCount += 1
        feedHungry()
    }

    private mutating func handleUnchoke(_ slot: PeerSlot, at now: Instant) {
        guard peers[slot]?.download.chokesUs == true else { return }
        peers[slot]?.download.chokesUs = false
        peers[slot]?.download.pipeline.handleUnchoked(at: now)
        unsettled.insert(slot)
    }

    private mutating func handleSuggest(_ piece: PieceIndex, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard content != nil else { return }
        guard mayExist(piece, slot) else { return handleUnknown(piece, slot, in: &batch) }
        guard let peer = peers[slot] else { return }
        // The latest count: the oldest are had by now, more often than not.
        if peer.download.suggests.count >= SwarmBounds.suggestions { peer.download.suggests.removeFirst() }
        peer.download.suggests.append(piece)
    }

    private mutating func handleAllowedFast(_ piece: PieceIndex, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard content != nil else {
            return keepForLater(slot, in: &batch) { $0.handle(.allowedFast(piece)) }
        }
        guard mayExist(piece, slot) else { return handleUnknown(piece, slot, in: &batch) }
        guard let peer = peers[slot], peer.download.allowsUs.count < SwarmBounds.allowedFast else { return }
        peer.download.allowsUs.append(piece)
        unsettled.insert(slot)
    }
}

/// Bounds on what is kept of a peer's lesser messages.
enum SwarmBounds {
    /// Pieces beyond the end of content that grows, or beyond the bitfield that a peer began with, of which we remember that
    /// the peer has them.
    static let piecesAhead = 4_096
    /// `suggest` messages remembered of one peer: the latest.
    static let suggestions = 32
    /// `allowed fast` messages remembered of one peer; more are ignored.
    static let allowedFast = 64
    /// Questions of one peer turned down between two ticks before they count as a flood.
    static let refusalsPerTick: Int32 = 2_000
    /// Times that free upload slots are given away between two ticks; who becomes interested later waits for the tick.
    static let fillsPerTick = 8
    /// Times that one peer is asked for less than it could take, between two ticks, before it waits for the tick.
    static let vainRefillsPerTick: Int32 = 16
    /// Peers looked at between two ticks because others gave up what they were asked for.
    static let feedsPerTick = 16
    /// Pieces counted anew at one tick where a peer that had all has not, or the other way round; one peer at least.
    static let recountedPiecesPerTick = 65_536
    /// Pieces that a seed may lose between two ticks (BEP 54).
    static let lossesPerTick = 32
    /// Nodes of trees kept for hash requests, or one tree.
    static let keptTreeNodes = 1 << 20
    /// Each further conviction at an address makes its ban so many times as long.
    static let banFactor: Int64 = 4
    /// Convictions at one address that make its ban longer.
    static let countedConvictions = 8
    /// With less than this from all peers together, a download is starving; bytes per second.
    static let starvingRate = 2_048.0
    /// One in so many places is given to somebody else at a time while it is.
    static let turnoverDivisor = 10
    /// Candidates for the metadata that are under way at once.
    static let metadataCandidates = 4
    /// How often the time for a candidate is doubled at most.
    static let metadataDoublings = 5
    /// A peer whose blocks take so many times as long as others' is a laggard.
    static let laggardFactor: Int64 = 4
    /// Requests turned down in one choke before they count as a flood.
    static let rejectedRequests = 2_000
}
