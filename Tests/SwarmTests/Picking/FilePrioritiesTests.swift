// SPDX-License-Identifier: Apache-2.0

import RucheWire
import Testing

@testable import RucheSwarm

@Suite("File priorities")
struct FilePrioritiesTests {
    @Test("A piece has the highest priority of its files; padding and empty files do not count")
    func highest() {
        let geometry = PieceGeometry(pieceLength: 100, totalSize: 500)
        let files = [
            FileEntry(path: ["a"], size: 150, offset: 0),
            FileEntry(path: ["empty"], size: 0, offset: 150),
            FileEntry(path: ["b"], size: 100, offset: 150),
            FileEntry(path: ["pad"], size: 50, offset: 250, isPadding: true),
            FileEntry(path: ["c"], size: 100, offset: 300),
        ]
        let pieces = FilePriorities.piecePriorities(of: files, [.low, .high, .skip, .high], in: geometry)
        #expect(pieces == [.low, .low, .skip, .normal, .skip])
    }
}
