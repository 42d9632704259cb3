// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Reading the content in order while it downloads.
extension SwarmCore {
    /// Handles a reader that waits for the first piece of `span`: a new one, or one that has moved on. The answer is a
    /// `reading` effect once the piece is stored. Does nothing before the content is known.
    package mutating func handleReader(_ id: ReaderID, at span: ReadingSpan, in batch: inout SwarmBatch) {
        guard let content, !span.pieces.isEmpty, span.pieces.upperBound <= content.geometry.pieceCount else { return }
        readers.handleMoved(id, to: span)
        self.content?.picker.handle(.readerMoved(span.pieces), at: batch.now)
        lookAfterReader(id, waitingFor: PieceIndex(span.pieces.lowerBound), in: &batch)
    }

    /// Handles a reader that has left. Blocks that were requested only for it, and have hardly begun to arrive, are
    /// cancelled, so that the peers are free for what is read now.
    package mutating func handleReaderLeft(_ id: ReaderID, in batch: inout SwarmBatch) {
        for piece in readers.handleLeft(id) {
            content?.picker.setDeadline(nil, of: piece)
            var withdrawn: [(peer: PeerSlot, block: BlockRequest)] = []
            content?.picker.withdraw(piece, into: &withdrawn)
            for request in withdrawn { cancel(request.block, at: request.peer, in: &batch) }
            if !withdrawn.isEmpty { feedHungry() }
        }
    }

    /// Handles content that was reopened or whose selection changed.
    mutating func handleReadersReopened(in batch: inout SwarmBatch) {
        guard !readers.isEmpty else { return }
        readers.handleReopened()
        lookAfterReaders(in: &batch)
    }

    /// Checks waiting readers: a piece may have been lost, or be no longer wanted.
    mutating func lookAfterReaders(in batch: inout SwarmBatch) {
        for (id, piece) in readers.waiting { lookAfterReader(id, waitingFor: piece, in: &batch) }
    }

    /// Handles the stored piece `piece`.
    mutating func tellReaders(of piece: PieceIndex, in batch: inout SwarmBatch) {
        for id in readers.waiting(for: piece) { tell(id, .here, in: &batch) }
    }

    private mutating func lookAfterReader(_ id: ReaderID, waitingFor piece: PieceIndex, in batch: inout SwarmBatch) {
        setDeadlines(for: id, at: batch.now)
        guard let content else { return }
        if content.picker.have[piece] {
            tell(id, .here, in: &batch)
        } else if content.priorities[piece.int] == .skip || piece.int < content.shape.firstPiece {
            tell(id, .unwanted, in: &batch)
        } else if !content.picker.hasDeadline(piece), content.picker.priority(of: piece) != .skip {
            // It was complete when its deadline was set, and has been lost since.
            self.content?.picker.setDeadline(batch.now, of: piece)
        }
    }

    private mutating func setDeadlines(for id: ReaderID, at now: Instant) {
        guard let pieceLength = content?.geometry.pieceLength else { return }
        let new = readers.nextDeadlines(
            of: id,
            pieceLength: pieceLength,
            downloadRate: download.rateBytesPerSecond(at: now),
            at: now
        )
        work.add(new.count)
        // Nor pieces held back because their piece layer is missing.
        for (piece, deadline) in new where content?.picker.priority(of: piece) != .skip {
            content?.picker.advanceDeadline(to: deadline, of: piece)
        }
        if !new.isEmpty { isAllUnsettled = true }
    }

    private mutating func tell(_ id: ReaderID, _ news: ReadingNews, in batch: inout SwarmBatch) {
        readers.handleTold(id)
        batch.add(.reading(id, news))
    }
}
