// SPDX-License-Identifier: Apache-2.0

import RucheWire

@testable import RucheSwarm

extension PiecePicker {
    /// The blocks requested from `peer`, the oldest request first.
    func requests(of peer: PeerSlot) -> [BlockRequest] {
        var requests: [BlockRequest] = []
        var id = outstanding.list(of: peer).first
        while id != OpenPieces.none {
            let block = Int(outstanding[id].block)
            let slot = block / open.blocksPerSlot
            let piece = PieceIndex(open.slots[slot].index)
            requests.append(geometry.block(block - open.firstBlock(of: slot), of: piece))
            id = outstanding[id].nextOfPeer
        }
        return requests
    }
}
