// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Readers of the content while it downloads: each waits for a piece, and the pieces ahead of it have deadlines.
///
/// Owner: `SwarmCore`.
struct Reading {
    private var readers = ContentReaders()
    private let work: WorkMeter

    /// Creates a state without readers.
    init(work: WorkMeter) { self.work = work }

    /// Handles a reader that waits for the first piece of `span`: a new one, or one that has moved on. The answer is a
    /// `reading` effect once the piece is stored.
    mutating func handleReader(
        _ id: ReaderID,
        at span: ReadingSpan,
        _ content: SwarmContent,
        _ download: inout Download,
        in batch: inout SwarmBatch
    ) {
        guard !span.pieces.isEmpty, span.pieces.upperBound <= content.geometry.pieceCount else { return }
        readers.handleMoved(id, to: span)
        content.picker.handle(.readerMoved(span.pieces), at: batch.now)
        lookAfter(id, waitingFor: PieceIndex(span.pieces.lowerBound), content, &download, in: &batch)
    }

    /// Handles a reader that has left. Blocks that were requested only for it, and have hardly begun to arrive, are
    /// cancelled, so that the peers are free for what is read now.
    mutating func handleReaderLeft(
        _ id: ReaderID,
        among peers: borrowing PeerTable,
        _ content: SwarmContent?,
        _ download: inout Download,
        in batch: inout SwarmBatch
    ) {
        for piece in readers.handleLeft(id) {
            guard let content else { continue }
            content.picker.setDeadline(nil, of: piece)
            var withdrawn: [(peer: PeerSlot, block: BlockRequest)] = []
            content.picker.withdraw(piece, into: &withdrawn)
            for request in withdrawn {
                if let peer = peers[request.peer] { download.cancel(request.block, at: peer, content, in: &batch) }
            }
            if !withdrawn.isEmpty { download.feedHungry(turn: peers.turn) }
        }
    }

    /// Handles content that was reopened or whose selection changed.
    mutating func handleReopened(_ content: SwarmContent, _ download: inout Download, in batch: inout SwarmBatch) {
        guard !readers.isEmpty else { return }
        readers.handleReopened()
        lookAfterAll(content, &download, in: &batch)
    }

    /// Checks waiting readers: a piece may have been lost, or be no longer wanted.
    mutating func lookAfterAll(_ content: SwarmContent, _ download: inout Download, in batch: inout SwarmBatch) {
        for (id, piece) in readers.waiting { lookAfter(id, waitingFor: piece, content, &download, in: &batch) }
    }

    /// Handles the stored piece `piece`.
    mutating func handleStored(_ piece: PieceIndex, in batch: inout SwarmBatch) {
        for id in readers.waiting(for: piece) { tell(id, .here, in: &batch) }
    }

    private mutating func lookAfter(
        _ id: ReaderID,
        waitingFor piece: PieceIndex,
        _ content: SwarmContent,
        _ download: inout Download,
        in batch: inout SwarmBatch
    ) {
        setDeadlines(for: id, content, &download, at: batch.now)
        if content.picker.have[piece] {
            tell(id, .here, in: &batch)
        } else if content.priorities[piece.int] == .skip || piece.int < content.shape.firstPiece {
            tell(id, .unwanted, in: &batch)
        } else if !content.picker.hasDeadline(piece), content.picker.priority(of: piece) != .skip {
            // It was complete when its deadline was set, and has been lost since.
            content.picker.setDeadline(batch.now, of: piece)
        }
    }

    private mutating func setDeadlines(
        for id: ReaderID,
        _ content: SwarmContent,
        _ download: inout Download,
        at now: Instant
    ) {
        let new = readers.nextDeadlines(
            of: id,
            pieceLength: content.geometry.pieceLength,
            downloadRate: download.meter.rateBytesPerSecond(at: now),
            at: now
        )
        work.add(new.count)
        // Nor pieces held back because their piece layer is missing.
        for (piece, deadline) in new where content.picker.priority(of: piece) != .skip {
            content.picker.advanceDeadline(to: deadline, of: piece)
        }
        if !new.isEmpty { download.isAllUnsettled = true }
    }

    private mutating func tell(_ id: ReaderID, _ news: ReadingNews, in batch: inout SwarmBatch) {
        readers.handleTold(id)
        batch.add(.reading(id, news))
    }
}
