// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheStorage

/// The state that results from a journal's records.
struct ResumeStateTests {
    private func bits(_ pieces: Int...) -> Bitfield {
        var bits = Bitfield(count: 10)
        for piece in pieces { bits.insert(PieceIndex(piece)) }
        return bits
    }

    @Test func aSnapshotLeavesNoPieceBothVerifiedAndSuspect() {
        var state = ResumeState(pieceCount: 10)
        state.apply(.snapshot(verified: bits(1, 2), suspects: bits(2, 3), unflushed: bits(1, 4)))
        #expect(state.verified == bits(1, 2))
        #expect(state.suspects == bits(3))
        #expect(state.unflushed == bits(1))
    }

    @Test func aSnapshotReplacesWhatWasKnown() {
        var state = ResumeState(pieceCount: 10)
        state.apply(.snapshot(verified: bits(1, 2), suspects: bits(3), unflushed: bits(1)))
        state.apply(.snapshot(verified: bits(3), suspects: bits(), unflushed: bits()))
        #expect(state.verified == bits(3))
        #expect(state.suspects == bits())
        #expect(state.unflushed == bits())
    }
}
