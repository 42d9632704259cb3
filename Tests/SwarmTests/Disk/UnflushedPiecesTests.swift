// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Pieces that a power cut may destroy")
struct UnflushedPiecesTests {
    @Test("A flush vouches for what was stored before it began, and not for what is stored again meanwhile")
    func storedMeanwhile() {
        var pieces = UnflushedPieces(nil)
        pieces.handleStored([1, 2].map { PieceIndex($0) })
        pieces.handleFlushBegun()
        pieces.handleStored([PieceIndex(2), PieceIndex(3)])
        pieces.handleFlushed()
        pieces.handleFlushFailed()
        #expect(pieces.doubted == [PieceIndex(2), PieceIndex(3)])
    }
}
