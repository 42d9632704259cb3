// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The pieces that we have completed, in the order in which peers learn of them.
///
/// Each peer has a position in the log, so that a peer that does not read costs a number, not a message per piece.
/// Pieces that every peer knows of are forgotten. Owner: `SwarmContent`.
struct HaveLog: Sendable {
    /// The position after the last piece.
    var end: Int { start + pieces.count }

    private var start = 0
    private var pieces: [PieceIndex] = []
    private let initialEnd: Int

    /// Creates a log. `known` are the pieces that we had when the metadata arrived, for the peers that connected
    /// before.
    init(known: [PieceIndex] = []) {
        pieces = known
        initialEnd = known.count
    }

    /// Appends a piece that we have completed.
    mutating func append(_ piece: PieceIndex) { pieces.append(piece) }

    /// The piece at `place`; nil if it has been forgotten or is yet to come.
    subscript(place: Int) -> PieceIndex? {
        let index = place - start
        return pieces.indices.contains(index) ? pieces[index] : nil
    }

    /// Returns whether we had the piece at `place` from the beginning.
    func isInitial(_ place: Int) -> Bool { place < initialEnd }

    /// Forgets all pieces, because every peer knows of them.
    mutating func forgetAll() {
        start = end
        pieces.removeAll(keepingCapacity: true)
    }
}
