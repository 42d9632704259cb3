// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
package import RucheCrypto
internal import RucheStorage
package import RucheWire

/// Hashes of v2 trees: asked for and given (BEP 52).
extension SwarmCore {
    /// The driver has read the leaves that `.readLeaves` named; empty where it could not.
    package mutating func handleLeaves(
        _ leaves: [SHA256Digest],
        of piece: PieceIndex,
        for request: HashRequest,
        to slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard peers.contains(slot) else { return }
        var hashes: [SHA256Digest]?
        if let content { hashes = makeLeafHashes(request, leaves, of: piece, in: content) }
        answer(request, with: hashes, slot, at: now, into: &effects)
    }

    /// Asks idle peers for what is missing of the piece layers.
    mutating func askForLayers(at now: Instant, into effects: inout [SwarmEffect]) {
        guard content?.layerDownload != nil else { return }
        for slot in peers.occupied where peers[slot]?.speaksV2 == true {
            guard let pieces = peers[slot]?.pieces, pieces.isSeed || pieces.setCount(of: .max) > 0,
                let request = content?.layerDownload?.nextRequest(for: slot, at: now)
            else { continue }
            send(.hashRequest(request), to: slot, at: now, into: &effects)
        }
    }

    mutating func handleHashRequest(
        _ request: HashRequest,
        _ slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        peers[slot]?.hashRequestCount += 1
        guard let content, let entry = content.trees.entry(of: request.root),
            let count = peers[slot]?.hashRequestCount, count <= SwarmBounds.hashRequestsPerTick
        else {
            return answer(request, with: nil, slot, at: now, into: &effects)
        }
        if let piece = content.trees.piece(ofLeafRequest: request), content.picker.have[piece] {
            effects.append(.readLeaves(slot, request, piece))
            return
        }
        var hashes: [SHA256Digest]?
        if Int(request.baseLayer) == entry.tree.pieceLayer, let tree = pieceLayerTree(of: entry) {
            hashes = try? tree.makeHashes(for: request.range, in: entry.tree.shape)
        }
        answer(request, with: hashes, slot, at: now, into: &effects)
    }

    mutating func handleHashes(
        _ request: HashRequest,
        _ bytes: ByteBuffer,
        _ slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        let hashes = bytes.digests
        if let piece = content?.inquiry.piece(askedOf: slot, with: request) {
            return handleLeafAnswer(hashes, of: piece, request, slot, at: now, into: &effects)
        }
        switch content?.layerDownload?.handleHashes(request, hashes, from: slot) {
        case nil, .unexpected: break
        case .wrong: misbehave(.badHashes, by: slot, at: now, into: &effects)
        case .partial: askForLayers(at: now, into: &effects)
        case .complete: handleLayersComplete(at: now, into: &effects)
        }
    }

    mutating func handleHashReject(
        _ request: HashRequest,
        _ slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        content?.inquiry.handleReject(request, from: slot)
        content?.layerDownload?.handleReject(from: slot, at: now, pause: SwarmTiming.answer)
        inquire(at: now, into: &effects)
        askForLayers(at: now, into: &effects)
    }

    private mutating func handleLayersComplete(at now: Instant, into effects: inout [SwarmEffect]) {
        guard let finished = content?.layerDownload?.finished else { return }
        content?.layerDownload = nil
        content?.layers.merge(finished)
        effects.append(.pieceLayersComplete(finished))
        if let priorities = content?.priorities { setPriorities(priorities, at: now, into: &effects) }
    }

    private mutating func handleLeafAnswer(
        _ hashes: [SHA256Digest],
        of piece: PieceIndex,
        _ request: HashRequest,
        _ slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard let content, let entry = content.trees.entry(of: request.root),
            let expected = content.trees.digest(of: piece, in: content.layers),
            (try? request.range.verify(hashes, in: entry.tree.shape, leadTo: expected)) != nil
        else {
            self.content?.inquiry.handleReject(request, from: slot)
            misbehave(.badHashes, by: slot, at: now, into: &effects)
            return inquire(at: now, into: &effects)
        }
        handleTrueLeaves(Array(hashes.prefix(Int(request.length))), of: piece, into: &effects)
    }

    /// The tree above a file's piece layer. The last one is kept: a peer asks for span after span of one file.
    private mutating func pieceLayerTree(of entry: FileTrees.Entry) -> MerkleTree? {
        if let kept = content?.keptTree, kept.root == entry.root { return kept }
        let tree = content?.layers.layer(of: entry.root).flatMap { MerkleTree(base: $0, at: entry.tree.pieceLayer) }
        content?.keptTree = tree
        return tree
    }

    private mutating func makeLeafHashes(
        _ request: HashRequest,
        _ leaves: [SHA256Digest],
        of piece: PieceIndex,
        in content: SwarmContent
    ) -> [SHA256Digest]? {
        guard let entry = content.trees.entry(of: request.root),
            let subtree = MerkleTree(base: leaves, height: entry.tree.pieceLayer)
        else { return nil }
        guard entry.tree.hasPieceLayer else {
            return try? subtree.makeHashes(for: request.range, in: entry.tree.shape)
        }
        guard let tree = pieceLayerTree(of: entry) else { return nil }
        let position = piece.int - entry.firstPiece
        return try? tree.makeHashes(for: request.range, in: entry.tree.shape, below: position, subtree: subtree)
    }

    private mutating func answer(
        _ request: HashRequest,
        with hashes: [SHA256Digest]?,
        _ slot: PeerSlot,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard let hashes else { return send(.hashReject(request), to: slot, at: now, into: &effects) }
        send(.hashes(request, ByteBuffer(digests: hashes)), to: slot, at: now, into: &effects)
    }
}

extension ByteBuffer {
    fileprivate init(digests: [SHA256Digest]) {
        self.init()
        reserveCapacity(digests.count * SHA256Digest.byteCount)
        for digest in digests { digest.withUnsafeBytes { _ = writeBytes($0) } }
    }

    fileprivate var digests: [SHA256Digest] {
        var rest = self
        var digests: [SHA256Digest] = []
        while let next = rest.readSlice(length: SHA256Digest.byteCount),
            let digest = SHA256Digest(next.readableBytesView)
        {
            digests.append(digest)
        }
        return digests
    }
}
