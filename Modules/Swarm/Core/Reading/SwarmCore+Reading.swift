// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Reading the content in order while it downloads.
extension SwarmCore {
    /// Handles a reader that waits for the first piece of `span`: a new one, or one that has moved on. The answer is a
    /// `reading` effect, once the piece is here. Does nothing before the content is known.
    package mutating func handleReader(
        _ id: ReaderID,
        at span: ReadingSpan,
        now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        guard let content, !span.pieces.isEmpty, span.pieces.upperBound <= content.geometry.pieceCount else { return }
        readers.handleMoved(id, to: span)
        lookAfterReader(id, waitingFor: PieceIndex(span.pieces.lowerBound), at: now, into: &effects)
    }

    /// Handles a reader that is gone. What was requested for it alone, and has hardly begun to arrive, is cancelled, so
    /// that the peers are free for what is read now.
    package mutating func handleReaderLeft(_ id: ReaderID, at now: Instant, into effects: inout [SwarmEffect]) {
        for piece in readers.handleLeft(id) {
            content?.picker.setDeadline(nil, of: piece)
            var withdrawn: [(peer: PeerSlot, block: BlockRequest)] = []
            content?.picker.withdraw(piece, into: &withdrawn)
            for request in withdrawn { cancel(request.block, at: request.peer, now, into: &effects) }
            if !withdrawn.isEmpty { feedHungry() }
        }
    }

    /// The content has been opened, or other pieces of it are wanted.
    mutating func handleReadersReopened(at now: Instant, into effects: inout [SwarmEffect]) {
        guard !readers.isEmpty else { return }
        readers.handleReopened()
        lookAfterReaders(at: now, into: &effects)
    }

    /// Looks after those who wait: a piece may have been lost, or is no longer wanted.
    mutating func lookAfterReaders(at now: Instant, into effects: inout [SwarmEffect]) {
        for (id, piece) in readers.waiting { lookAfterReader(id, waitingFor: piece, at: now, into: &effects) }
    }

    /// `piece` is stored.
    mutating func tellReaders(of piece: PieceIndex, into effects: inout [SwarmEffect]) {
        for id in readers.waiting(for: piece) { tell(id, .here, into: &effects) }
    }

    private mutating func lookAfterReader(
        _ id: ReaderID,
        waitingFor piece: PieceIndex,
        at now: Instant,
        into effects: inout [SwarmEffect]
    ) {
        setDeadlines(for: id, at: now)
        guard let content else { return }
        if content.picker.have[piece] {
            tell(id, .here, into: &effects)
        } else if content.priorities[piece.int] == .skip {
            tell(id, .unwanted, into: &effects)
        } else if !content.picker.hasDeadline(piece), content.picker.priority(of: piece) != .skip {
            // It was here when its deadline was due, and has been lost since.
            self.content?.picker.setDeadline(now, of: piece)
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
        // Not what is held back for want of its piece layer either.
        for (piece, deadline) in new where content?.picker.priority(of: piece) != .skip {
            content?.picker.advanceDeadline(to: deadline, of: piece)
        }
        if !new.isEmpty { isAllUnsettled = true }
    }

    private mutating func tell(_ id: ReaderID, _ news: ReadingNews, into effects: inout [SwarmEffect]) {
        readers.handleTold(id)
        effects.append(.reading(id, news))
    }
}
