// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What peers announce about their pieces, as it applies to this content.
///
/// A torrent's pieces are known to both sides, so each message must match them. A peer may know more or less than we do
/// of growing content: its bitfield has the length that the content has for it, what it names beyond our end is kept
/// until we get there, and `have all` means all that we know of now.
extension SwarmContent {
    /// The pieces of a peer that has announced nothing yet.
    var noPieces: PeerPieces {
        shape.isClosed ? .none(count: geometry.pieceCount) : .growing(Bitfield(count: 0))
    }

    /// `have all`.
    var allPieces: PeerPieces {
        shape.isClosed ? .all : .growing(Bitfield(count: geometry.pieceCount, allSet: true))
    }

    /// `bitfield`; nil if an honest peer cannot have sent it.
    func pieces(_ bytes: some Collection<UInt8>) -> PeerPieces? {
        let pieceCount = geometry.pieceCount
        if torrent != nil {
            return Bitfield(wire: bytes, count: pieceCount).map { $0.isComplete ? .all : .some($0) }
        }
        let bits = Bitfield(growingWire: bytes)
        guard shape.isClosed else { return .growing(bits) }
        let cut = bits.resized(to: pieceCount)
        return cut.isComplete && pieceCount > 0 ? .all : .some(cut)
    }

    /// Returns whether a piece that a peer names is known to us, or may soon be: within `SwarmBounds.piecesAhead` of
    /// what we, or the bitfield that the peer sent first, know of.
    func mayExist(_ piece: PieceIndex, at peer: ConnectedPeer) -> Bool {
        let pieceCount = geometry.pieceCount
        if piece.int < pieceCount { return true }
        guard !shape.isClosed else { return false }
        return piece.int < max(pieceCount, Int(peer.description.coveredCount)) + SwarmBounds.piecesAhead
    }
}
