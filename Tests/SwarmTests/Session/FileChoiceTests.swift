// SPDX-License-Identifier: Apache-2.0

import RucheTesting
import RucheWire
import Testing

@testable import RucheSwarm

@Suite("The files that a magnet link selects")
struct FileChoiceTests {
    private func wanted(_ ranges: [ClosedRange<Int>]?) throws -> [Int] {
        let info = try VirtualTorrent(.v1, pieceLength: 16_384, fileSizes: [10, 20, 30, 40], seed: 1).info
        let priorities = try FileChoice(AddOptions(), ranges).priorities(in: info)
        return priorities.indices.filter { priorities[$0] != .skip }
    }

    @Test("Indices beyond the last file are ignored")
    func places() throws {
        #expect(try wanted(nil) == [0, 1, 2, 3])
        #expect(try wanted([0...0, 2...99]) == [0, 2, 3])
        #expect(try wanted([1...1]) == [1])
    }

    @Test("A selection of no files is an error, not an empty download")
    func nothing() {
        let error = #expect(throws: TorrentError.self) { try wanted([99...99]) }
        #expect(error?.code == .noSuchFile)
    }
}
