// SPDX-License-Identifier: Apache-2.0

import RucheStorage
import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("Web seeds")
struct WebSeedTests {
    @Test("Neighbours leave together, up to a limit, in whatever order they were asked for")
    func runs() {
        var queue = WebSeedQueue(pieceLength: 2 * Block.byteCount)
        func block(_ number: UInt32) -> BlockRequest {
            let size = UInt32(Block.byteCount)
            return BlockRequest(piece: PieceIndex(Int(number / 2)), offset: number % 2 * size, length: size)
        }
        for number in [4, 9, 5, 1, 6, 7] as [UInt32] { queue.append(block(number)) }
        let removed = (queue.remove(block(1)), queue.remove(block(1)))
        #expect(removed == (true, false))
        let first = queue.nextRun(upTo: 3 * Block.byteCount)
        #expect(first?.blocks == [4, 5, 6].map(block))
        #expect(first?.range == 4 * Block.byteCount..<7 * Block.byteCount)
        let rest = (0..<3).map { _ in queue.nextRun(upTo: 1)?.blocks }
        #expect(rest == [[block(9)], [block(7)], nil] && queue.isEmpty)
    }

    @Test("Files have URLs below a folder, and a lone file may have one of its own")
    func urls() throws {
        let many = WebSeedFiles(
            try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: [10_000, 30_000], seed: 1).info
        )
        #expect(many.url(of: 1, at: "http://h/a/") == many.url(of: 1, at: "http://h/a"))
        #expect(many.url(of: 1, at: "http://h/a").split(separator: "/").count == 5)
        #expect(many.parts(of: 9_000..<11_000).map(\.count) == [1_000, 1_000])
        #expect(many.size(of: 1) == 30_000)
        let one = WebSeedFiles(try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: [10_000], seed: 1).info)
        #expect(one.url(of: 0, at: "http://h/x.iso") == "http://h/x.iso")
        #expect(one.url(of: 0, at: "http://h/").hasPrefix("http://h/") && one.url(of: 0, at: "http://h/").count > 9)
    }
}
