// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What peers make us say. A question is queued as what it is, and answered while the peer reads.
///
/// | a peer says | it makes us | which is bounded by |
/// | --- | --- | --- |
/// | `ut_metadata` request | send 16 KiB | queue `metadataPartsPerPeer`, `answerBytesPerPeer`; then `ut_metadata` reject |
/// | hash request | read and hash a piece, or a layer; send 16 KiB | queue `hashRequestsPerPeer`, one job a peer and `hashJobsPerTorrent`, `answerBytesPerPeer`; then hash reject |
/// | request | read and send a block | `queuedRequestsPerPeer`, `sendBufferBytesPerPeer`; then reject |
/// | request or cancel that is turned down | send a reject | twice `answerBytesPerPeer`; then silence, and the budget |
/// | request of a suggested piece | send a suggestion | one each, `FirstCopies` |
/// | interested, not interested | choose whom to unchoke; choke or unchoke it | `SwarmBounds.fillsPerTick`, then the tick |
/// | have, bitfield, have all, don't-have | tell it our interest; ask it for blocks | changes only, while it reads |
/// | unchoke, choke, reject, allowed fast | ask it, or others, for blocks | `RequestPipeline`, `SwarmBounds.vainRefillsPerTick`, while it reads |
/// | have all, don't-have of a seed | count all pieces anew | the tick, `SwarmBounds.recountedPiecesPerTick` |
/// | extended handshake, `ut_metadata` reject | ask it for metadata | one part a peer at a time; others at the tick |
/// | hash reject, hashes | ask it for the next | one span a peer at a time; others at the tick |
/// | peer exchange | remember contacts, dial | one message in a quarter of a minute; dials at the tick |
/// | a message of an extension | run an app's code; send what that says | `ExtensionLimits`; while it reads |
/// | whatever it has not | send `have` of what we get | its place in `HaveLog`, `answerBytesPerPeer` |
/// | nothing | send keep-alive, contacts, our extended handshake | our clock; contacts while it reads |
extension SwarmCore {
    /// Bytes of messages that were sent to `slot` have left for good.
    package mutating func handleTaken(_ byteCount: Int, by slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        let wasFull = !peer.answers.hasRoom
        peer.answers.handleTaken(byteCount)
        guard peer.answers.hasRoom else { return }
        serve(slot, in: &batch)
        guard wasFull else { return }
        updateInterest(slot, in: &batch)
    }

    /// Queues a question of a peer's, and answers what can be answered.
    mutating func handleQuestion(_ question: AnswerQueue.Question, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot] else { return }
        guard peer.answers.handleQuestion(question) else { return refuse(question, slot, in: &batch) }
        serve(slot, in: &batch)
    }

    /// Tells a peer what it waits for, as long as it takes what it is sent.
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

    /// Turns a question down in the protocol's words; a peer that asks and does not read hears nothing at all.
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

    /// Turns a request for a block down, where the peer knows how that is said (BEP 6).
    mutating func reject(_ block: BlockRequest, _ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard peers[slot]?.isFast == true, mayRefuse(slot, in: &batch) else { return }
        send(.reject(block), to: slot, in: &batch)
    }

    /// Whether there is room for a refusal. Where there is none the peer asks without reading, which is counted.
    private mutating func mayRefuse(_ slot: PeerSlot, in batch: inout SwarmBatch) -> Bool {
        guard let peer = peers[slot] else { return false }
        peer.refusedCount += 1
        let isFlood = !peer.answers.mayRefuse || peer.refusedCount > SwarmBounds.refusalsPerTick
        if isFlood { misbehave(.floodOfMessages, by: slot, in: &batch) }
        return !isFlood
    }

    // MARK: - Our pieces

    /// Tells a peer of the pieces that we got since it was last told.
    mutating func tellOfHaves(_ slot: PeerSlot, in batch: inout SwarmBatch) {
        guard let peer = peers[slot], let end = content?.haveLog.end, peer.upload.toldHaves < end else { return }
        // A seed has no use for it.
        if peer.pieces.isSeed { peer.upload.toldHaves = end }
        while peer.upload.toldHaves < end, peer.answers.hasRoom {
            let place = peer.upload.toldHaves
            peer.upload.toldHaves += 1
            guard let piece = content?.haveLog[place], content?.picker.have[piece] == true else { continue }
            // Nor has a peer any use for the news that we, too, had a piece before it asked.
            if content?.haveLog.isInitial(place) == true, peer.pieces[piece] { continue }
            send(.have(piece), to: slot, in: &batch)
        }
    }

    /// Forgets which pieces came when, once all peers know of them.
    mutating func forgetToldHaves() {
        guard let end = content?.haveLog.end else { return }
        for slot in peers.occupied where peers[slot]?.upload.toldHaves != end { return }
        content?.haveLog.forgetAll()
    }
}
