// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import RucheWire

/// Messages from peers, each to the part that it concerns.
extension SwarmCore {
    /// Handles a message from `slot`. A peer that was disconnected in this batch may still have some in transit:
    /// ignored.
    package mutating func handleMessage(_ message: PeerMessage, from slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        peer.lastHeardAt = batch.now
        switch message {
        case .keepAlive, .unknown: return
        case .port(let port): handlePort(port, of: peer, in: &batch)
        case .have, .bitfield, .haveAll, .haveNone: handleDescription(message, peer, in: &batch)
        case .choke, .unchoke, .suggest, .allowedFast, .reject: handleOffer(message, peer, in: &batch)
        case .interested, .notInterested, .request, .cancel: handleDemand(message, peer, in: &batch)
        case .hashRequest(let request): handleQuestion(.hashes(request), of: peer, in: &batch)
        case .hashes, .hashReject: handleHashes(message, peer, in: &batch)
        case .extended(let id, let payload): handleExtended(id, payload, peer, in: &batch)
        }
        handleNews(in: &batch)
    }

    /// Handles what the peer lets us download.
    private mutating func handleOffer(_ message: PeerMessage, _ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        switch message {
        case .choke: download.handleChoke(by: peer, turn: peers.turn, content, in: &batch)
        case .unchoke: download.handleUnchoke(by: peer, at: batch.now)
        case .suggest(let piece):
            guard let content else { return }
            guard content.mayExist(piece, at: peer) else { return handleUnknown(peer, content, in: &batch) }
            download.handleSuggest(piece, by: peer)
        case .allowedFast(let piece):
            guard let content else { return keepForLater(message, peer, in: &batch) }
            guard content.mayExist(piece, at: peer) else { return handleUnknown(peer, content, in: &batch) }
            download.handleAllowedFast(piece, by: peer)
        case .reject(let block): download.handleReject(block, by: peer, turn: peers.turn, content, in: &batch)
        default: break
        }
    }

    /// Handles what the peer wants to download.
    private mutating func handleDemand(_ message: PeerMessage, _ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        switch message {
        case .interested, .notInterested:
            let isInterested = if case .interested = message { true } else { false }
            upload.handleInterest(isInterested, of: peer, among: peers, content, using: &random, in: &batch)
        case .request(let block): upload.handleRequest(block, from: peer, of: content, in: &batch)
        case .cancel(let block): upload.handleCancel(block, from: peer, in: &batch)
        default: break
        }
    }

    /// Handles the answer to a request for hashes of v2 trees.
    private mutating func handleHashes(_ message: PeerMessage, _ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard let content else { return }
        switch message {
        case .hashes(let request, let bytes):
            let layers = download.handleHashes(request, bytes, from: peer, among: peers, content, in: &batch)
            guard let layers else { return }
            batch.add(.pieceLayersComplete(layers))
            setPriorities(content.priorities, in: &batch)
        case .hashReject(let request): download.handleHashReject(request, by: peer, content, at: batch.now)
        default: break
        }
    }

    /// Handles bytes of messages to `slot` that its socket has accepted.
    package mutating func handleTaken(_ byteCount: Int, by slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        let wasFull = !peer.answers.hasRoom
        peer.answers.handleTaken(byteCount)
        guard peer.answers.hasRoom else { return }
        serve(peer, in: &batch)
        if wasFull { download.updateInterest(peer, in: &batch) }
    }

    // MARK: - Answers

    /// Queues a request of a peer, and answers as many as possible.
    mutating func handleQuestion(
        _ question: AnswerQueue.Question,
        of peer: ConnectedPeer,
        in batch: inout SwarmBatch
    ) {
        guard peer.answers.handleQuestion(question) else { return upload.refuse(question, of: peer, in: &batch) }
        serve(peer, in: &batch)
    }

    /// Sends a peer the answers and extension messages that it waits for, while it reads.
    mutating func serve(_ peer: ConnectedPeer, in batch: inout SwarmBatch) {
        upload.serve(peer, phase, in: &batch)
        handleNews(in: &batch)
        serveExtensions(peer, in: &batch)
    }

    /// Gives peers that wait for a job their turn, because one has ended.
    mutating func serveWaiting(in batch: inout SwarmBatch) {
        for peer in peers.nextTurn(of: { $0.answers.waitsForJob }) {
            peer.answers.handleJobEnded()
            serve(peer, in: &batch)
        }
    }
}
