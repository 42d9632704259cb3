// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// Counts how often each piece was shown, claimed and uploaded while super seeding, and chooses what a leecher is shown
/// next.
///
/// Owner: `SuperSeeding`. Memory: 12 bytes a piece.
struct PieceSupply: Sendable {
    /// The number of connected leechers that a piece was shown to, and of those that claim it.
    private struct Copies: Sendable {
        var shown: UInt16 = 0
        var claimed: UInt16 = 0
        /// The number of bytes of it that were uploaded, repetitions included.
        var uploaded: UInt32 = 0
        /// Whether it is in `returned`.
        var isReturned = false

        /// Claims count last: a false one must not keep a piece from being shown.
        static func < (a: Copies, b: Copies) -> Bool { (a.shown, a.claimed) < (b.shown, b.claimed) }
    }

    /// The number of pieces to look at for one leecher because of a message.
    private static let glanceCount = 32
    /// The number of pieces to look at for one leecher at the tick.
    private static let tickGlanceCount = 512

    private var copies: [Copies]
    /// Pieces that were shown only to leechers that have left, each once. Some may have been shown since.
    private var returned: [PieceIndex] = []
    /// Where the search for the rarest begins, so that equals take turns.
    private var cursor = 0

    init(pieceCount: Int) { copies = Array(repeating: Copies(), count: pieceCount) }

    /// Returns whether any byte of `piece` was uploaded.
    func isBegun(_ piece: PieceIndex) -> Bool { copies[piece.int].uploaded > 0 }

    /// Returns the number of bytes of `piece` that were uploaded, repetitions included.
    func uploadedByteCount(of piece: PieceIndex) -> Int { Int(copies[piece.int].uploaded) }

    mutating func countUploaded(_ byteCount: Int, of piece: PieceIndex) {
        copies[piece.int].uploaded = UInt32(clamping: Int(copies[piece.int].uploaded) + byteCount)
    }

    mutating func countClaim(_ piece: PieceIndex, _ change: Int) {
        copies[piece.int].claimed = UInt16(clamping: Int(copies[piece.int].claimed) + change)
    }

    mutating func countShown(_ piece: PieceIndex, _ change: Int) {
        copies[piece.int].shown = UInt16(clamping: Int(copies[piece.int].shown) + change)
        guard change < 0, copies[piece.int].shown == 0, !copies[piece.int].isReturned else { return }
        copies[piece.int].isReturned = true
        returned.append(piece)
    }

    /// Returns a piece that came back, or the rarest of the next few that the leecher lacks.
    mutating func quickChoice(for leecher: SuperSeeding.Leecher, _ work: WorkMeter) -> PieceIndex? {
        if let piece = returnedChoice(for: leecher, work) { return piece }
        let (start, count) = (cursor, copies.count)
        let next = (0..<min(Self.glanceCount, count)).lazy.map { PieceIndex((start + $0) % count) }
        return takeRarest(of: next, for: leecher, work)
    }

    /// Returns a piece that came back, or the rarest of many that the leecher lacks.
    mutating func patientChoice(for leecher: SuperSeeding.Leecher, _ work: WorkMeter) -> PieceIndex? {
        if let piece = returnedChoice(for: leecher, work) { return piece }
        var lacking: [PieceIndex] = []
        let wordCount = (copies.count + 63) / 64
        for step in 0...wordCount where lacking.count < Self.tickGlanceCount {
            work.add(1)
            let word = (cursor / 64 + step) % wordCount
            guard leecher.claimed.words[word] | leecher.shown.words[word] != .max else { continue }
            for index in word * 64..<min(word * 64 + 64, copies.count) where leecher.lacks(PieceIndex(index)) {
                lacking.append(PieceIndex(index))
            }
        }
        return takeRarest(of: lacking, for: leecher, work)
    }

    private mutating func takeRarest(
        of pieces: some Sequence<PieceIndex>,
        for leecher: SuperSeeding.Leecher,
        _ work: WorkMeter
    ) -> PieceIndex? {
        var best: PieceIndex?
        for piece in pieces {
            work.add(1)
            guard leecher.lacks(piece) else { continue }
            if best.map({ copies[piece.int] < copies[$0.int] }) ?? true { best = piece }
            if copies[piece.int].shown == 0, copies[piece.int].claimed == 0 { break }
        }
        if let best { cursor = (best.int + 1) % copies.count }
        return best
    }

    /// Returns one of the last few pieces that came back. Pieces that were shown since are forgotten.
    private mutating func returnedChoice(for leecher: SuperSeeding.Leecher, _ work: WorkMeter) -> PieceIndex? {
        for index in returned.indices.suffix(Self.glanceCount).reversed() {
            work.add(1)
            let piece = returned[index]
            let isShown = copies[piece.int].shown > 0
            guard isShown || leecher.lacks(piece) else { continue }
            returned.swapAt(index, returned.count - 1)
            returned.removeLast()
            copies[piece.int].isReturned = false
            if !isShown { return piece }
        }
        return nil
    }
}
