// SPDX-License-Identifier: Apache-2.0

internal import RucheWire

/// What peers say of their pieces, as it holds for this content.
///
/// A torrent's pieces are known to both sides, so each message must fit them. Of content that grows a peer may know more
/// than we do, or less: its bitfield has the length that the content has for it, what it names beyond our end is held
/// until we get there, and `have all` means all that we know of now.
extension SwarmContent {
    /// Of a peer that has said nothing yet.
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
}
