// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The readers of content that is still downloading, and how far ahead of each the pieces have deadlines. `SwarmCore`
/// owns it; there are few readers, so everything in it is linear in their number.
struct ContentReaders: Sendable {
    /// How long before its use a piece should be complete. Enough for a few peers to fail in the meantime.
    static let leadTime = Interval.seconds(20)
    /// The bytes that have deadlines ahead of a reader, at least and at most.
    static let leadBytes = (2 << 20)...(64 << 20)
    /// The pieces that have deadlines ahead of a reader, at least and at most. With two, the next can start while the
    /// last blocks of the first are still arriving.
    static let leadPieces = 2...256
    /// The slowest pace that deadlines assume, in bytes per second.
    static let slowestPace = 16_384.0

    struct Reader: Sendable {
        let id: ReaderID
        var span: ReadingSpan
        /// The reader has been told nothing of its next piece.
        var isWaiting = true
        /// The piece after the last one that has a deadline for it.
        var covered = 0
    }

    private(set) var readers: [Reader] = []

    var isEmpty: Bool { readers.isEmpty }

    /// The readers that wait for `piece`.
    func waiting(for piece: PieceIndex) -> [ReaderID] {
        waiting.filter { $0.piece == piece }.map(\.id)
    }

    /// The waiting readers, with the piece that each waits for.
    var waiting: [(id: ReaderID, piece: PieceIndex)] {
        readers.filter(\.isWaiting).map { ($0.id, PieceIndex($0.span.pieces.lowerBound)) }
    }

    /// Handles a reader that starts, or has moved on within its range.
    mutating func handleMoved(_ id: ReaderID, to span: ReadingSpan) {
        guard let place = readers.firstIndex(where: { $0.id == id }) else {
            return readers.append(Reader(id: id, span: span, covered: span.pieces.lowerBound))
        }
        readers[place].span = span
        readers[place].isWaiting = true
        readers[place].covered = max(readers[place].covered, span.pieces.lowerBound)
    }

    /// Handles a reader that has been told of its next piece.
    mutating func handleTold(_ id: ReaderID) {
        guard let place = readers.firstIndex(where: { $0.id == id }) else { return }
        readers[place].isWaiting = false
    }

    /// Handles a reader that has left. Returns the pieces that had deadlines only for its sake.
    mutating func handleLeft(_ id: ReaderID) -> [PieceIndex] {
        guard let place = readers.firstIndex(where: { $0.id == id }) else { return [] }
        let left = readers.remove(at: place)
        let begun = left.span.pieces.lowerBound..<max(left.covered, left.span.pieces.lowerBound)
        return begun.filter { piece in
            !readers.contains { $0.span.pieces.lowerBound <= piece && piece < $0.covered }
        }.map { PieceIndex($0) }
    }

    /// Forgets which pieces have deadlines, because the content was reopened or its selection changed.
    mutating func handleReopened() {
        for place in readers.indices {
            readers[place].covered = readers[place].span.pieces.lowerBound
            readers[place].isWaiting = true
        }
    }

    /// Returns the pieces that come within reach of a reader, each with its deadline: the time at which a reader of
    /// that pace arrives there. `downloadRate`, in bytes per second, is the pace of a reader that takes everything.
    mutating func nextDeadlines(
        of id: ReaderID,
        pieceLength: Int,
        downloadRate: Double,
        at now: Instant
    ) -> [(piece: PieceIndex, deadline: Instant)] {
        guard let place = readers.firstIndex(where: { $0.id == id }) else { return [] }
        let reader = readers[place]
        let pace = max(reader.span.bytesPerSecond.map(Double.init) ?? downloadRate, Self.slowestPace)
        let lead = Int(min(pace * Self.leadTime.seconds, Double(Self.leadBytes.upperBound)))
        let bytes = max(lead, Self.leadBytes.lowerBound)
        let count = (bytes / max(1, pieceLength)).clamped(to: Self.leadPieces)
        let first = reader.span.pieces.lowerBound
        let end = min(first + count, reader.span.pieces.upperBound)
        guard reader.covered < end else { return [] }
        readers[place].covered = end
        let pieceTime = Interval.seconds(Double(pieceLength) / pace)
        return (reader.covered..<end).map { (PieceIndex($0), now + pieceTime * Int64($0 - first)) }
    }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
