// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What peers make us send. A request is queued as it is, and answered while the peer reads.
///
/// | a peer sends | it makes us | limited by |
/// | --- | --- | --- |
/// | `ut_metadata` request | send 16 KiB | queue `metadataPartsPerPeer`, `answerBytesPerPeer`; then `ut_metadata` reject |
/// | hash request | read and hash a piece, or a layer; send 16 KiB | queue `hashRequestsPerPeer`, one job per peer and `hashJobsPerTorrent`, `answerBytesPerPeer`; then hash reject |
/// | request | read and send a block | `queuedRequestsPerPeer`, `sendBufferBytesPerPeer`; then reject |
/// | refused request or cancel | send a reject | twice `answerBytesPerPeer`; then no answer, and the budget |
/// | request for a suggested piece | send a suggestion | one each, `FirstCopies` |
/// | interested, not interested | choose which peers to unchoke; choke or unchoke it | `SwarmBounds.fillsPerTick`, then the tick |
/// | have, bitfield, have all, don't-have | send our interest; request blocks from it | changes only, while it reads |
/// | unchoke, choke, reject, allowed fast | request blocks from it or others | `RequestPipeline`, `SwarmBounds.vainRefillsPerTick`, while it reads |
/// | have all, don't-have of a seed | count all pieces anew | the tick, `SwarmBounds.recountedPiecesPerTick` |
/// | extended handshake, `ut_metadata` reject | request metadata from it | one part per peer at a time; others at the tick |
/// | hash reject, hashes | request the next from it | one span per peer at a time; others at the tick |
/// | peer exchange | remember contacts, dial | one message in 15 s; dials at the tick |
/// | a message of an extension | run an app's code; send its messages | `ExtensionLimits`; while it reads |
/// | anything, lacking our pieces | send `have` for completed pieces | its position in `HaveLog`, `answerBytesPerPeer` |
/// | nothing | send keep-alive, contacts, our extended handshake | our clock; contacts while it reads |
extension SwarmCore {
    /// Handles bytes of messages to `slot` that its socket has accepted.
    package mutating func handleTaken(_ byteCount: Int, by slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        let wasFull = !peer.answers.hasRoom
        peer.answers.handleTaken(byteCount)
        guard peer.answers.hasRoom else { return }
        serve(slot, in: &batch)
        guard wasFull else { return }
        updateInterest(slot, in: &batch)
    }

    /// Queues a request of a peer, and answers as many as possible.
    mutating func handleQuestion(_ question: AnswerQueue.Question, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        guard peer.answers.handleQuestion(question) else { return refuse(question, slot, in: &batch) }
        serve(slot, in: &batch)
    }

    /// Sends a peer the answers that it waits for, while it reads.
    mutating func serve(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        while let question = peers[slot]?.answers.nextQuestion() {
            switch question {
            case .metadata(let part): giveMetadata(part, slot, in: &batch)
            case .hashes(let request): giveHashes(request, slot, in: &batch)
            }
        }
        tellOfHaves(slot, in: &batch)
        serveExtensions(slot, in: &batch)
    }

    /// Refuses a request with a message of the protocol; a peer that does not read gets no answer.
    mutating func refuse(_ question: AnswerQueue.Question, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard mayRefuse(slot, in: &batch), let peer = peers[slot] else { return }
        switch question {
        case .metadata(let part):
            guard peer.extensions.metadata != 0 else { return }
            let payload = MetadataMessage.reject(piece: part).encoded()
            send(.extended(id: peer.extensions.metadata, payload: payload), to: slot, in: &batch)
        case .hashes(let request):
            send(.hashReject(request), to: slot, in: &batch)
        }
    }

    /// Rejects a request for a block, if the peer supports that (BEP 6).
    mutating func reject(_ block: BlockRequest, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard peers[slot]?.isFast == true, mayRefuse(slot, in: &batch) else { return }
        send(.reject(block), to: slot, in: &batch)
    }

    /// Returns whether there is room for a refusal. If not, the peer sends requests without reading, which counts
    /// against it.
    private mutating func mayRefuse(_ slot: PeerSlot, in batch: inout SwarmBatch) -> Bool {
        guard let peer = peers[slot] else { return false }
        peer.refusedCount += 1
        let isFlood = !peer.answers.mayRefuse || peer.refusedCount > SwarmBounds.refusalsPerTick
        if isFlood { misbehave(.floodOfMessages, by: slot, in: &batch) }
        return !isFlood
    }

    // MARK: - Our pieces

    /// Tells a peer of the pieces that we have completed since it was last told.
    mutating func tellOfHaves(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot], let end = content?.haveLog.end, peer.upload.toldHaves < end else { return }
        // A seed has no use for it.
        if peer.pieces.isSeed { peer.upload.toldHaves = end }
        while peer.upload.toldHaves < end, peer.answers.hasRoom {
            let place = peer.upload.toldHaves
            peer.upload.toldHaves += 1
            guard let piece = content?.haveLog[place], content?.picker.have[piece] == true else { continue }
            // Nor does a peer need to know that we also had a piece before it asked.
            if content?.haveLog.isInitial(place) == true, peer.pieces[piece] { continue }
            send(.have(piece), to: slot, in: &batch)
        }
    }

    /// Forgets the order of completed pieces once all peers know of them.
    mutating func forgetToldHaves() {
        guard let end = content?.haveLog.end else { return }
        for slot in peers.occupied where peers[slot]?.upload.toldHaves != end { return }
        content?.haveLog.forgetAll()
    }
}
