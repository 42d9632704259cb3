// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheWire

/// Gathers the piece layers of a v2 torrent whose metadata came without them (BEP 52 hash requests).
///
/// Owner: `SwarmCore`. Each layer is asked for in spans of at most 512 hashes with the uncles that tie them to the
/// file's root, so every span is judged by itself, and a wrong one has one culprit. One span is out at a time for each
/// peer.
package struct PieceLayerDownload: Sendable {
    /// A file of more than one piece.
    package struct File: Sendable {
        package let root: SHA256Digest
        package let byteCount: Int

        package init(root: SHA256Digest, byteCount: Int) {
            self.root = root
            self.byteCount = byteCount
        }
    }

    private struct Layer {
        let root: SHA256Digest
        let shape: MerkleShape
        let spans: [MerkleRange]
        var hashes: [SHA256Digest?]
    }

    private struct Place {
        let layer: Int
        let span: Int
    }

    private struct Ask {
        let place: Place
        let request: HashRequest
        let at: Instant
    }

    private var layers: [Layer]
    /// Spans that are not here and that nobody is asked for, the next one last.
    private var free: [Place] = []
    /// Spans that are not here.
    private var missingCount = 0
    private var asks: [PeerSlot: Ask] = [:]
    private var restingUntil: [PeerSlot: Instant] = [:]

    /// `blocksPerPiece` is a power of two. Files that are no larger than a piece have no layer and are passed over.
    package init(files: [File], blocksPerPiece: Int) {
        let pieceLayer = blocksPerPiece.trailingZeroBitCount
        layers = files.compactMap { file -> Layer? in
            guard let shape = MerkleShape(byteCount: file.byteCount), shape.leafCount > blocksPerPiece else {
                return nil
            }
            return Layer(
                root: file.root,
                shape: shape,
                spans: Array(shape.makeRanges(at: pieceLayer)),
                hashes: Array(repeating: nil, count: shape.count(at: pieceLayer))
            )
        }
        for layer in layers.indices.reversed() {
            for span in layers[layer].spans.indices.reversed() { free.append(Place(layer: layer, span: span)) }
        }
        missingCount = free.count
    }

    /// Whether every layer is there.
    package var isComplete: Bool { missingCount == 0 }

    /// The layers by root, once all are there.
    package var finished: [SHA256Digest: [SHA256Digest]] {
        Dictionary(layers.map { ($0.root, $0.hashes.compactMap(\.self)) }) { first, _ in first }
    }

    /// What to ask of `peer` now, if anything.
    package mutating func nextRequest(for peer: PeerSlot, at now: Instant) -> HashRequest? {
        guard asks[peer] == nil, now >= restingUntil[peer] ?? .zero else { return nil }
        guard let place = free.popLast() else { return nil }
        let layer = layers[place.layer]
        let request = HashRequest(root: layer.root, range: layer.spans[place.span])
        asks[peer] = Ask(place: place, request: request, at: now)
        return request
    }

    /// What an answer led to.
    package enum Progress {
        /// Nobody asked.
        case unexpected
        /// It does not lead to the root.
        case wrong
        /// It does, and more is missing.
        case partial
        /// It does, and nothing is missing.
        case complete
    }

    /// Hashes arrived: those of the span, then the uncles.
    package mutating func handleHashes(_ request: HashRequest, _ hashes: [SHA256Digest], from peer: PeerSlot)
        -> Progress
    {
        guard let ask = asks[peer], ask.request == request else { return .unexpected }
        asks[peer] = nil
        // Field by field: a copy of the layer would be one of all its hashes.
        let span = layers[ask.place.layer].spans[ask.place.span]
        let (shape, root) = (layers[ask.place.layer].shape, layers[ask.place.layer].root)
        guard (try? span.verify(hashes, in: shape, leadTo: root)) != nil else {
            free.append(ask.place)
            return .wrong
        }
        let end = min(span.index + span.length, layers[ask.place.layer].hashes.count)
        for (index, hash) in zip(span.index..<end, hashes) { layers[ask.place.layer].hashes[index] = hash }
        missingCount -= 1
        return isComplete ? .complete : .partial
    }

    /// The peer will not answer; it is left alone for `pause`.
    package mutating func handleReject(from peer: PeerSlot, at now: Instant, pause: Interval) {
        handleLeft(peer)
        restingUntil[peer] = now + pause
    }

    /// The peer is gone.
    package mutating func handleLeft(_ peer: PeerSlot) {
        restingUntil[peer] = nil
        guard let ask = asks.removeValue(forKey: peer) else { return }
        free.append(ask.place)
    }

    /// Frees what has been out for `patience`.
    package mutating func handleTimeouts(after patience: Interval, at now: Instant) {
        for peer in asks.filter({ now - $1.at >= patience }).keys.sorted() {
            handleReject(from: peer, at: now, pause: patience)
        }
    }
}

extension HashRequest {
    /// Asks for `range` of the tree under `root`.
    package init(root: SHA256Digest, range: MerkleRange) {
        self.init(
            root: root,
            baseLayer: UInt32(range.baseLayer),
            index: UInt32(range.index),
            length: UInt32(range.length),
            proofLayers: UInt32(range.proofLayers)
        )
    }

    /// What is asked for, unchecked.
    package var range: MerkleRange {
        MerkleRange(
            baseLayer: Int(baseLayer),
            index: Int(index),
            length: Int(length),
            proofLayers: Int(proofLayers)
        )
    }
}
