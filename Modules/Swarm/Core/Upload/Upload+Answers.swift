// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
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
extension Upload {
    /// Sends a peer the answers that it waits for, while it reads.
    mutating func serve(_ peer: ConnectedPeer, _ phase: SwarmPhase, in batch: inout SwarmBatch) {
        while !peer.isGone, let question = peer.answers.nextQuestion() {
            switch question {
            case .metadata(let part): giveMetadata(part, of: phase.infoBytes, to: peer, in: &batch)
            case .hashes(let request): giveHashes(request, to: peer, phase.content, in: &batch)
            }
        }
        if let content = phase.content { tellOfHaves(peer, content, in: &batch) }
    }

    /// Sends a part of the metadata, or rejects the request if we have no such part.
    private func giveMetadata(_ part: Int, of bytes: [UInt8], to peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard peer.extensions.metadata != 0 else { return }
        let byteCount = MetadataMessage.byteCount(ofPiece: part, totalByteCount: bytes.count)
        guard byteCount > 0 else { return refuse(.metadata(part: part), of: peer, in: &batch) }
        let start = part * MetadataMessage.pieceByteCount
        let answer = MetadataMessage.data(
            piece: part,
            totalByteCount: bytes.count,
            payload: ByteBuffer(bytes: bytes[start..<start + byteCount])
        )
        peer.send(.extended(id: peer.extensions.metadata, payload: answer.encoded()), in: &batch)
    }

    /// Refuses a request with a message of the protocol; a peer that does not read gets no answer.
    func refuse(_ question: AnswerQueue.Question, of peer: ConnectedPeer, in batch: inout SwarmBatch) {
        guard mayRefuse(peer, in: &batch) else { return }
        switch question {
        case .metadata(let part):
            guard peer.extensions.metadata != 0 else { return }
            let payload = MetadataMessage.reject(piece: part).encoded()
            peer.send(.extended(id: peer.extensions.metadata, payload: payload), in: &batch)
        case .hashes(let request):
            peer.send(.hashReject(request), in: &batch)
        }
    }

    /// Returns whether there is room for a refusal. If not, the peer sends requests without reading, which counts
    /// against it.
    func mayRefuse(_ peer: ConnectedPeer, in batch: inout SwarmBatch) -> Bool {
        peer.refusedCount += 1
        let isFlood = !peer.answers.mayRefuse || peer.refusedCount > SwarmBounds.refusalsPerTick
        if isFlood { batch.accuse(peer, of: .floodOfMessages) }
        return !isFlood
    }

    // MARK: - Our pieces

    /// Tells a peer of the pieces that we have completed since it was last told.
    func tellOfHaves(_ peer: ConnectedPeer, _ content: SwarmContent, in batch: inout SwarmBatch) {
        let end = content.haveLog.end
        guard !peer.isGone, peer.upload.toldHaves < end else { return }
        // A seed has no use for it.
        if peer.pieces.isSeed { peer.upload.toldHaves = end }
        while peer.upload.toldHaves < end, peer.answers.hasRoom {
            let place = peer.upload.toldHaves
            peer.upload.toldHaves += 1
            guard let piece = content.haveLog[place], content.picker.have[piece] else { continue }
            // Nor does a peer need to know that we also had a piece before it asked.
            if content.haveLog.isInitial(place), peer.pieces[piece] { continue }
            peer.send(.have(piece), in: &batch)
        }
    }

    /// Forgets the order of completed pieces once all peers know of them.
    func forgetToldHaves(among peers: borrowing PeerTable, _ content: SwarmContent) {
        let end = content.haveLog.end
        for slot in peers.occupied where peers[slot]?.upload.toldHaves != end { return }
        content.haveLog.forgetAll()
    }
}
