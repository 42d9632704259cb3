// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import RucheWire

/// Messages from and to peers.
extension SwarmCore {
    /// Handles a message from `slot`. A peer that was disconnected in this batch may still have some in transit:
    /// ignored.
    package mutating func handleMessage(_ message: PeerMessage, from slot: PeerSlot, in batch: inout SwarmBatch) {
        guard peers.contains(slot) else { return }
        peers[slot]?.lastHeardAt = batch.now
        switch message {
        case .keepAlive, .unknown: break
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
        case .port(let port): handlePort(port, slot, in: &batch)
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

    /// Disconnects peers that do not read from their sockets.
    mutating func disconnectOverfull(in batch: inout SwarmBatch) {
        guard isAnyOverfull else { return }
        isAnyOverfull = false
        for slot in peers.occupied {
            guard let peer = peers[slot], isOverfull(peer) else { continue }
            batch.add(.misbehaved(peer.endpoint, .floodOfMessages))
            disconnect(slot, .misbehaviour(.floodOfMessages), in: &batch)
        }
    }

    /// Our bitfield may be large, and the peer did not ask for it.
    private func isOverfull(_ peer: ConnectedPeer) -> Bool {
        let bitfieldByteCount = (content?.geometry.pieceCount ?? 0) / 8
        return peer.answers.unsentByteCount > limits.unsentBytesPerPeer + bitfieldByteCount
    }

    private mutating func handleChoke(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard peers[slot]?.download.chokesUs == false else { return }
        peers[slot]?.download.chokesUs = true
        // With BEP 6 every request is still answered, by a block or a reject; without it, only blocks already sent
        // still arrive.
        guard peers[slot]?.isFast == false else { return }
        let outstanding = peers[slot]?.download.pipeline.outstanding ?? 0
        content?.picker.handleReleasedAll(by: slot)
        peers[slot]?.download.pipeline.handleReleased(outstanding, at: batch.now)
        peers[slot]?.download.lateBlockAllowance += outstanding
        // It is asked again at once when it unchokes us, but not endlessly.
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
        // Only the latest are kept: the oldest are usually complete by now.
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

/// Limits for what is kept of a peer's minor messages.
enum SwarmBounds {
    /// Pieces beyond the end of growing content, or beyond a peer's first bitfield, that we remember the peer to have.
    static let piecesAhead = 4_096
    /// `suggest` messages remembered per peer: the latest.
    static let suggestions = 32
    /// `allowed fast` messages remembered per peer; more are ignored.
    static let allowedFast = 64
    /// Refused requests of one peer between two ticks before they count as a flood.
    static let refusalsPerTick: Int32 = 2_000
    /// Times that free upload slots are assigned between two ticks; peers that become interested later wait for the
    /// tick.
    static let fillsPerTick = 8
    /// Times between two ticks that one peer gets fewer requests than it could take before it waits for the tick.
    static let vainRefillsPerTick: Int32 = 16
    /// Peers examined between two ticks because others released requests.
    static let feedsPerTick = 16
    /// Pieces recounted per tick because a peer has become a seed or is no longer one; at least one peer.
    static let recountedPiecesPerTick = 65_536
    /// Pieces that a seed may lose between two ticks (BEP 54).
    static let lossesPerTick = 32
    /// Nodes of trees kept for hash requests; or a single tree.
    static let keptTreeNodes = 1 << 20
    /// Each further conviction at an address multiplies the length of its ban by this factor.
    static let banFactor: Int64 = 4
    /// Convictions at one address that make its ban longer.
    static let countedConvictions = 8
    /// A download with less than this from all peers together is starving; bytes per second.
    static let starvingRate = 2_048.0
    /// The share of places, as a divisor, that goes to other peers at a time while it is starving.
    static let turnoverDivisor = 10
    /// Concurrent candidates for the metadata.
    static let metadataCandidates = 4
    /// How many times the time for a candidate may double.
    static let metadataDoublings = 5
    /// A peer whose blocks take this many times as long as others' is a laggard.
    static let laggardFactor: Int64 = 4
    /// Requests rejected during one choke before they count as a flood.
    static let rejectedRequests = 2_000
}
