// SPDX-License-Identifier: Apache-2.0

package import RucheWire

/// Blocks of a sender that cannot choose: a web seed without ranges sends each file from beginning to end.
extension SwarmCore {
    /// Handles a block that `slot` is about to send, requested or not. Returns whether to accept it like a requested
    /// one; otherwise skip it.
    package mutating func handleOffer(_ block: BlockRequest, from slot: PeerSlot, in batch: inout SwarmBatch) -> Bool {
        guard hasStarted, let peer = peers[slot], peer.pieces[block.piece] else { return false }
        switch content?.picker.handleOffer(block, by: slot, at: batch.now) {
        case .asked: return true
        case .taken:
            peer.download.pipeline.handleSent(1, at: batch.now)
            return true
        case .declined, nil: return false
        }
    }

    /// Returns whether any of `pieces` is wanted and missing.
    package func wantsAny(of pieces: ClosedRange<Int>) -> Bool {
        guard let picker = content?.picker else { return false }
        return pieces.contains { picker.wants(PieceIndex($0)) }
    }
}
