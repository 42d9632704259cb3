// SPDX-License-Identifier: Apache-2.0

import RucheCrypto
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Allowed fast set (BEP 6)")
struct AllowedFastTests {
    private let infoHash = SHA1Digest([UInt8](repeating: 0xaa, count: 20)) ?? SHA1Digest()
    private let address = IPAddress(v4: 80 << 24 | 4 << 16 | 4 << 8 | 200)

    @Test("The vectors of the specification", arguments: [7, 9])
    func vectors(count: Int) {
        let pieces = AllowedFast.pieces(for: address, infoHash: infoHash, pieceCount: 1313, count: count)
        #expect(pieces.map(\.int) == Array([1059, 431, 808, 1217, 287, 376, 1188, 353, 508].prefix(count)))
    }

    @Test("A torrent with few pieces allows all of them; IPv6 and an empty torrent allow none")
    func edges() {
        let few = AllowedFast.pieces(for: address, infoHash: infoHash, pieceCount: 3)
        #expect(few.map(\.int).sorted() == [0, 1, 2])
        #expect(AllowedFast.pieces(for: address, infoHash: infoHash, pieceCount: 0).isEmpty)
        let v6 = IPAddress(v6High: 1, low: 1)
        #expect(AllowedFast.pieces(for: v6, infoHash: infoHash, pieceCount: 9).isEmpty)
    }
}
