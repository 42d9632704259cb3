// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The pieces with a deadline, soonest first. `PiecePicker` owns it. Insertion and removal are linear: there are few
/// deadlines compared to pieces.
struct PieceDeadlines: Sendable {
    private struct Entry: Sendable {
        var piece: UInt32
        var deadline: Instant
    }

    private var entries: [Entry] = []

    var count: Int { entries.count }

    func piece(at place: Int) -> UInt32? { place < entries.count ? entries[place].piece : nil }

    func deadline(at place: Int) -> Instant { entries[place].deadline }

    func deadline(of piece: PieceIndex) -> Instant? { entries.first { $0.piece == piece.rawValue }?.deadline }

    mutating func insert(_ piece: PieceIndex, at deadline: Instant, limit: Int) {
        let place = entries.firstIndex { deadline < $0.deadline } ?? entries.count
        entries.insert(Entry(piece: piece.rawValue, deadline: deadline), at: place)
        if entries.count > limit { entries.removeLast() }
    }

    mutating func remove(_ piece: PieceIndex) {
        guard let place = entries.firstIndex(where: { $0.piece == piece.rawValue }) else { return }
        entries.remove(at: place)
    }
}
