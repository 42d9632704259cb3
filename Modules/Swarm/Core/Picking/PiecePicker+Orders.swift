// SPDX-License-Identifier: Apache-2.0

internal import RucheCrypto
package import RucheWire

/// The order in which pieces of the same priority are opened: one of the engine's, or an app's.
extension PiecePicker {
    /// The number of pieces that an app's order chooses from.
    static let candidateCount = 16

    /// The current order; an app's with its present state.
    package var order: FetchOrder {
        if let own = buckets.own { return FetchOrder(own) }
        return isInOrder ? .inOrder : .rarestFirst
    }

    /// Sets the order. Open pieces stay open.
    package mutating func setOrder(_ order: FetchOrder, at now: Instant) {
        time = now
        if order.isInOrder != isInOrder {
            isInOrder = order.isInOrder
            let buckets = buckets
            open.setInOrder(isInOrder) { buckets.records[Int($0)].priority }
        }
        guard buckets.own != nil || order.own != nil else { return }
        buckets.setOrder(order.own)
        tellOrder(.began)
    }

    /// Tells an app's order that time has passed, about every half second, or that a reader has moved.
    package mutating func handle(_ event: OrderEvent, at now: Instant) {
        time = now
        tellOrder(event)
    }

    /// Sends an event to an app's order, if there is one, and applies its answers.
    mutating func tellOrder(_ event: OrderEvent) {
        guard buckets.own != nil else { return }
        var batch = OrderBatch(now: time, have: have, random: random)
        buckets.own?.handle(event, in: &batch)
        random = batch.generator
        for pieces in batch.reconsidered { buckets.reconsider(pieces) }
        for (piece, deadline) in batch.deadlines {
            guard let deadline else {
                deadlines.remove(piece)
                continue
            }
            if wants(piece) { advanceDeadline(to: deadline, of: piece) }
        }
        work.add(batch.deadlines.count)
    }

    /// Returns the piece that an app's order chooses for this peer; nil for none.
    mutating func ownPiece(_ query: PickQuery, _ pieces: PeerPieces, _ now: Instant) -> Int? {
        guard hasRoom(for: 0) else { return nil }
        let candidates = candidates(pieces)
        guard let own = buckets.own, let first = candidates.first else { return nil }
        let peer = OrderPeer(
            address: senders.source(of: query.peer)?.address,
            isSeed: pieces.isSeed,
            isSlow: query.isSlow || query.isLaggard,
            answerTime: query.answerTime,
            blockTime: query.blockTime
        )
        guard let index = own.choose(candidates.span, for: peer, at: now, using: &random) else { return nil }
        return candidates.indices.contains(index) ? candidates[index].piece.int : first.piece.int
    }

    /// Returns pieces of the highest priority that the peer has, by level, those of one level from a random one on. If the
    /// first `rarityScanCount` places have none, one of a sample.
    private mutating func candidates(_ pieces: PeerPieces) -> [PieceCandidate] {
        var found: [PieceCandidate] = []
        found.reserveCapacity(Self.candidateCount)
        var scansLeft = Self.rarityScanCount
        for band in 0..<BucketRanges.bandCount where found.isEmpty && scansLeft > 0 {
            var levels = buckets.ranges.levels(ofBand: band)
            while levels != 0, scansLeft > 0, found.count < Self.candidateCount {
                let level = levels.trailingZeroBitCount
                levels &= levels - 1
                let range = buckets.ranges.range(band * BucketRanges.levelCount + level)
                addCandidates(of: range, level: level, pieces, &scansLeft, &found)
            }
        }
        if found.isEmpty, scansLeft == 0, let piece = sampledPiece(pieces) {
            found.append(candidate(piece, level: Int(buckets.levels[piece])))
        }
        return found
    }

    private mutating func addCandidates(
        of range: Range<Int>,
        level: Int,
        _ pieces: PeerPieces,
        _ scansLeft: inout Int,
        _ found: inout [PieceCandidate]
    ) {
        guard !range.isEmpty else { return }
        let start = Int.random(in: 0..<range.count, using: &random)
        for step in 0..<range.count where scansLeft > 0 && found.count < Self.candidateCount {
            scansLeft -= 1
            work.add(1)
            let piece = buckets.order[range.lowerBound + (start + step) % range.count]
            guard piece != PieceBuckets.nobody, pieces[PieceIndex(piece)] else { continue }
            found.append(candidate(Int(piece), level: level))
        }
    }

    private func candidate(_ piece: Int, level: Int) -> PieceCandidate {
        let availability = availability(of: PieceIndex(piece))
        return PieceCandidate(PieceIndex(piece), level: level, availability: availability)
    }
}

extension BlockSource {
    /// The address of a peer; nil for a web seed.
    fileprivate var address: IPAddress? { if case .peer(let address, _) = self { address } else { nil } }
}
