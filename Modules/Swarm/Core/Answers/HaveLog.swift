// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// The pieces that we got, in the order in which peers learn of them.
///
/// Each peer has its place in the log, so that a peer that does not read costs a number, not a message for each piece.
/// What every peer was told of is forgotten. Owner: `SwarmContent`.
struct HaveLog: Sendable {
    /// The place behind the last piece.
    var end: Int { start + pieces.count }

    private var start = 0
    private var pieces: [PieceIndex] = []
    private let initialEnd: Int

    /// `known` is what we had when the metadata came, for the peers that were there before it.
    init(known: [PieceIndex] = []) {
        pieces = known
        initialEnd = known.count
    }

    /// We got a piece.
    mutating func append(_ piece: PieceIndex) { pieces.append(piece) }

    /// The piece at `place`; nil where it was forgotten or is yet to come.
    subscript(place: Int) -> PieceIndex? {
        let index = place - start
        return pieces.indices.contains(index) ? pieces[index] : nil
    }

    /// Whether we had the piece at `place` from the beginning.
    func isInitial(_ place: Int) -> Bool { place < initialEnd }

    /// Every peer was told of all.
    mutating func forgetAll() {
        start = end
        pieces.removeAll(keepingCapacity: true)
    }
}
