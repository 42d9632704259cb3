// SPDX-License-Identifier: Apache-2.0

package import RucheCrypto
package import RucheWire

/// Downloads the piece layers of a v2 torrent whose metadata came without them (BEP 52 hash requests).
///
/// `SwarmCore` owns it. Each layer is requested in spans of at most 512 hashes, with the uncle hashes that lead to the
/// file's root. Thus every span can be verified on its own, and a wrong one has a single culprit. Each peer has at most
/// one outstanding request.
package struct PieceLayerDownload: Sendable {
    /// A file, with the root of its tree.
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
    /// Missing spans without an outstanding request, the next one last.
    private var free: [Place] = []
    /// The number of missing spans.
    private var missingCount = 0
    private var asks: [PeerSlot: Ask] = [:]
    private var restingUntil: [PeerSlot: Instant] = [:]

    /// Creates a download for `files`. `blocksPerPiece` must be a power of two. Files no larger than a piece have no
    /// layer and are ignored.
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

    /// Whether every layer is complete.
    package var isComplete: Bool { missingCount == 0 }

    /// The layers by root. Meaningful only once `isComplete`.
    package var finished: [SHA256Digest: [SHA256Digest]] {
        Dictionary(layers.map { ($0.root, $0.hashes.compactMap(\.self)) }) { first, _ in first }
    }

    /// Returns the next request to send to `peer`, if there is any.
    package mutating func nextRequest(for peer: PeerSlot, at now: Instant) -> HashRequest? {
        guard asks[peer] == nil, now >= restingUntil[peer] ?? .zero else { return nil }
        guard let place = free.popLast() else { return nil }
        let layer = layers[place.layer]
        let request = HashRequest(root: layer.root, range: layer.spans[place.span])
        asks[peer] = Ask(place: place, request: request, at: now)
        return request
    }

    /// The result of an answer.
    package enum Progress {
        /// There was no such request.
        case unexpected
        /// The hashes do not lead to the root.
        case wrong
        /// The hashes are correct, but more are missing.
        case partial
        /// The hashes are correct, and all layers are complete.
        case complete
    }

    /// Handles an answer: the hashes of the span, then the uncles.
    package mutating func handleHashes(_ request: HashRequest, _ hashes: [SHA256Digest], from peer: PeerSlot)
        -> Progress
    {
        guard let ask = asks[peer], ask.request == request else { return .unexpected }
        asks[peer] = nil
        // Read field by field: copying the layer would copy all its hashes.
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

    /// Handles a peer's refusal to answer. The peer is not asked again for `pause`.
    package mutating func handleReject(from peer: PeerSlot, at now: Instant, pause: Interval) {
        handleLeft(peer)
        restingUntil[peer] = now + pause
    }

    /// Handles a peer that has left.
    package mutating func handleLeft(_ peer: PeerSlot) {
        restingUntil[peer] = nil
        guard let ask = asks.removeValue(forKey: peer) else { return }
        free.append(ask.place)
    }

    /// Gives up requests that have been outstanding for `patience`, and does not ask these peers again for as long.
    package mutating func handleTimeouts(after patience: Interval, at now: Instant) {
        for peer in asks.filter({ now - $1.at >= patience }).keys.sorted() {
            handleReject(from: peer, at: now, pause: patience)
        }
    }
}

extension HashRequest {
    /// Creates a request for `range` of the tree with this root.
    package init(root: SHA256Digest, range: MerkleRange) {
        self.init(
            root: root,
            baseLayer: UInt32(range.baseLayer),
            index: UInt32(range.index),
            length: UInt32(range.length),
            proofLayers: UInt32(range.proofLayers)
        )
    }

    /// The requested range. Not checked.
    package var range: MerkleRange {
        MerkleRange(
            baseLayer: Int(baseLayer),
            index: Int(index),
            length: Int(length),
            proofLayers: Int(proofLayers)
        )
    }
}
